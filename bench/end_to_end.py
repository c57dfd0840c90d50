"""From a report to the callback's arrival at a receiver: everything in one process, on SQLite.

    python -m bench.end_to_end [--runs 3] [--seconds 6] [--connections 8 64]

A report makes a conversion and a delivery; the age of each callback on arrival is measured by the receiver.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench._measure import ROOT, load, server
from bench._world import add_clicks, build

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PER_SECOND = 20_000
PATIENCE_SECONDS = 60.0


class Receiver:
    """The receiver's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.port = int(json.loads(process.stdout.readline())["ports"][0])

    def ask(self, line: str) -> dict[str, float]:
        """Return the receiver's figures; "reset" forgets them afterwards."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._receiver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Receiver(process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def main(argv: list[str] | None = None) -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(prog="bench.end_to_end")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
    options = parser.parse_args(argv)
    print("\nFrom report to callback, one process, one receiver, SQLite")
    print(
        f"{'connections':>12}{'reports/s':>11}{'p99 ms':>8}{'callbacks':>11}"
        f"{'age p50':>9}{'p99':>8}{'max ms':>8}"
    )
    with receiver() as receiving, tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        world = build(Path(folder), receiving.port)
        for connections in options.connections:
            for _ in range(options.runs):
                clicks = add_clicks(world, int((options.seconds + 1) * MOST_PER_SECOND))
                targets = [f"/postback?click_id={click_id}&goal=sale" for click_id in clicks]
                with server("serve", folder) as served:
                    result = load(served, targets, seconds=options.seconds, connections=connections)
                    figures = _settled(receiving)
                receiving.ask("reset")
                print(
                    f"{connections:>12}{result['per_second']:>11}{result['p99_ms']:>8}{figures['requests']:>11}"
                    f"{figures.get('p50', 0):>9}{figures.get('p99', 0):>8}{figures.get('max', 0):>8}"
                )


def _settled(receiving: Receiver) -> dict[str, float]:
    """Return the receiver's figures once no more callbacks come."""
    ends = time.monotonic() + PATIENCE_SECONDS
    before = receiving.ask("stats")
    while time.monotonic() < ends:
        time.sleep(1.0)
        now = receiving.ask("stats")
        if now["requests"] == before["requests"]:
            break
        before = now
    return before


if __name__ == "__main__":
    main()
