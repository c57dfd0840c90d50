"""Starting servers, loading them, and putting the results side by side."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """A server under measurement."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return what its threads have used so far: what a request costs, even on a busy machine."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(*arguments: str) -> Iterator[Served]:
    """Run `bench._serve` with these arguments."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench._serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                errors.seek(0)
                raise SystemExit(f"{' '.join(arguments)} did not start:\n{errors.read().decode()}")
            yield Served(int(line), process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@contextlib.contextmanager
def nginx(status: int) -> Iterator[Served | None]:
    """Run nginx, where it is installed, answering like the bare server; None where it is not."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        yield None
        return
    port = free_port()
    action = "return 302 https://shop.example.com/landing?cid=1" if status == 302 else 'return 200 "ok"'
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log /dev/null;\n"
            f"{'user root;' if os.getuid() == 0 else ''}\n"
            "events { worker_connections 1024; }\n"
            f"http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder};\n"
            f"proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};\n"
            f"scgi_temp_path {folder};\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ {action}; }} }} }}\n"
        )
        process = subprocess.Popen([binary, "-c", str(config), "-p", folder], stderr=subprocess.DEVNULL)
        try:
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=10)


def free_port() -> int:
    """Return a port of the loopback that nobody uses at this moment."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def load(served: Served, targets: Sequence[str], *, seconds: float, connections: int) -> dict[str, object]:
    """Load a server and return what the generator printed, with the server's CPU time for a request."""
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as paths:
        paths.write("\n".join(targets))
        paths.flush()
        command = [
            *(sys.executable, "-m", "bench._load", "--port", str(served.port), "--paths", paths.name),
            *("--seconds", str(seconds), "--connections", str(connections)),
        ]
        before = served.cpu_seconds()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
        used = served.cpu_seconds() - before
    result = dict(json.loads(done.stdout))
    result["cpu_us"] = round(used / result["all"] * 1e6, 1)
    return result


def median(results: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return the run in the middle, by requests a second."""
    return sorted(results, key=lambda result: float(str(result["per_second"])))[len(results) // 2]


def table(title: str, rows: Sequence[tuple[str, dict[str, object]]], reference: str) -> None:
    """Print medians, the spread of the runs and the ratio to the reference of the same run."""
    base = next(float(str(result["per_second"])) for name, result in rows if name == reference)
    print(f"\n{title}")
    print(f"{'':28}{'req/s':>10}{'ratio':>8}{'cpu us':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}  answers")
    for name, result in rows:
        ratio = float(str(result["per_second"])) / base
        print(
            f"{name:28}{result['per_second']:>10}{ratio:>8.2f}{result['cpu_us']:>9}{result['p50_ms']:>9}{result['p99_ms']:>9}"
            f"{result['max_ms']:>9}  {result['statuses']}"
        )


def spread(results: Sequence[dict[str, object]]) -> str:
    """Return the relative spread of the runs, for a note on how quiet the machine was."""
    numbers = [float(str(result["per_second"])) for result in results]
    return f"{(max(numbers) - min(numbers)) / statistics.median(numbers):.0%}"
