"""Importing a CSV of conversions, each matched and with a delivery, on SQLite: rows a second, and memory.

    python -m bench.csv_import [--rows 100000] [--beside-seconds 4]

The reference is the required rate; the run is the command itself, in a process of its own. At last a second
file is imported beside a server that takes clicks, whose latency is compared with what it is alone.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench._measure import ROOT, load, server
from bench._world import add_clicks, build

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench._world import World

REQUIRED = 5_000
REQUIRED_MB = 300
BESIDE_RATE = 7_000
"""Rows a second that the import beside the server is given at most work for."""
TARGETS = 50_000
LOOK_SECONDS = 0.1


def main(argv: list[str] | None = None) -> None:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(prog="bench.csv_import")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--beside-seconds", type=float, default=4.0)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as name:
        folder = Path(name)
        world = build(folder, 9)
        file = _write(folder / "sales.csv", add_clicks(world, options.rows), "T")
        print(f"\n{options.rows:,} conversions by CSV, each with a delivery, SQLite")
        for what, more in (("dry run", ["--dry-run"]), ("applied", []), ("the same file again", [])):
            used = _cpu_seconds()
            seconds, most = _followed(_command(world, file, *more))
            cpu_us = (_cpu_seconds() - used) / options.rows * 1e6
            print(
                f"{what:<20} {options.rows / seconds:>8,.0f} rows/s   {cpu_us:>5,.0f} us of CPU a row   "
                f"{most:>5,.0f} MB at most",
                flush=True,
            )
            if what == "applied":
                print(f"{'':<20} required: {REQUIRED:,} rows/s, less than {REQUIRED_MB} MB", flush=True)
        _beside(world, folder, options.beside_seconds)


def _write(file: Path, click_ids: Iterable[str], prefix: str) -> Path:
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["click_id", "goal", "amount", "currency", "order_id", "comment"])
        for number, click_id in enumerate(click_ids):
            comment = "thank you, come again"
            writer.writerow([click_id, "sale", "12.50", "EUR", f"{prefix}{number}", comment])
    return file


def _command(world: World, file: Path, *more: str) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "REDOUND_DATA_DIR": str(file.parent),
        "REDOUND_SECRET_KEY": world.settings.secret_key,
        "REDOUND_LOG_LEVEL": "WARNING",
    }
    arguments = ["import-csv", str(file), "--kind", "conversions", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "redound", *arguments], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
    )


def _followed(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Wait for its end; return its seconds and the most memory (MB) that it and its children had together."""
    began, most = time.perf_counter(), 0.0
    while process.poll() is None:
        most = max(most, sum(map(_resident, _tree(process.pid))) / 1024)
        time.sleep(LOOK_SECONDS)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - began, most


def _cpu_seconds() -> float:
    """Return what children that have ended used, all in all: what a row costs, even on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tree(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    """Return the peak of a process in KB, 0 when it has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _beside(world: World, folder: Path, seconds: float) -> None:
    """Load a server with clicks, alone and while a file is imported."""
    rows = int((seconds + 4) * BESIDE_RATE)
    file = _write(folder / "more.csv", add_clicks(world, rows), "U")
    targets = [f"/c/{world.code}?sub1=visit{number}&source=blog" for number in range(TARGETS)]
    print("clicks of 64 connections", flush=True)
    with server("edge", str(folder)) as served:
        alone = load(served, targets, seconds=seconds, connections=64)
        process = _command(world, file)
        beside = load(served, targets, seconds=seconds, connections=64)
        still = process.poll() is None
        _followed(process)
    for what, result in (("alone", alone), ("beside an import", beside)):
        print(
            f"{what:<20} {result['per_second']:>8,} clicks/s   p50 {result['p50_ms']} ms   "
            f"p99 {result['p99_ms']} ms   at most {result['max_ms']} ms   {result['statuses']}"
        )
    if not still:
        print("the import ended before the clicks did: its effect is understated")


if __name__ == "__main__":
    main()
