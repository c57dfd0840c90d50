"""Django's DATABASES from our database URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redound.settings import Settings

SQLITE_COMMANDS = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 20000; "
    "PRAGMA wal_autocheckpoint = 16000"
)
"""The data plane checkpoints on a connection of its own; Django, which would hold the gate meanwhile, only
when the log has grown to 64 MB without one."""
SQLITE_BULK_COMMAND = "PRAGMA cache_size = -65536"
"""For a process that writes a great many rows: 64 MB of pages instead of 2, so each tree keeps its edge."""
_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def databases(settings: Settings) -> dict[str, dict[str, object]]:
    """Return one entry, `default`. PostgreSQL URLs are read as libpq reads them, `host=` sockets included."""
    if settings.dialect == "sqlite":
        entry: dict[str, object] = {
            "ENGINE": "redound.console.sqlite",
            "NAME": str(settings.sqlite_path),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_COMMANDS},
            "CONN_MAX_AGE": None,
        }
    else:
        entry = _postgres(settings.database_url)
    return {"default": entry}


def _postgres(url: str) -> dict[str, object]:
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - 0.16 s that SQLite does not need

    given = conninfo_to_dict(url)
    entry: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    entry |= {name: str(given[key]) for key, name in _NAMES.items() if given.get(key) is not None}
    entry["OPTIONS"] = {key: value for key, value in given.items() if key not in _NAMES and value is not None}
    return entry
