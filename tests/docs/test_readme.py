"""The README's first postback, run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import page

if TYPE_CHECKING:
    from collections.abc import Iterator


LAST = "redound deliveries list --json"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A checkout as the README has it: `.venv/bin` in the working directory."""
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's lines use curl")
def test_the_first_postback_arrives(folder: Path):
    """Somebody pastes every line of the README and sees the callback that it promises."""
    script = "\n".join(page("README.md").blocks("sh"))
    script = script.replace("PORT=8000", f"PORT={free_port()}", 1)
    script = script.replace("TRACKER_PORT=8090", f"TRACKER_PORT={free_port()}", 1)
    wait = 'for _ in $(seq 100); do grep -q "subid=abc123" tracker.log && break; sleep 0.1; done\n'
    script = re.sub(r"(--directory \"\$\(mktemp -d\)\") &", r"\1 2> tracker.log &", script)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REDOUND_")}
    shell = subprocess.Popen(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", f"{script}\n{wait}{LAST}"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        shell.wait(90)
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        out, errors = shell.communicate(timeout=30)
    assert shell.returncode == 0, f"{out}\n{errors}"
    assert (
        "GET /?subid=abc123&status=approved&payout=12.00&currency=EUR" in (folder / "tracker.log").read_text()
    )
    assert '"state": "delivered"' in out
