"""Importing a CSV of conversions, each matched and with a delivery, on SQLite: rows a second, and memory.

    python -m bench.csv_import [--rows 100000]

The reference is the required rate; the run is the command itself, in a process of its own.
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

from bench._measure import ROOT
from bench._world import add_clicks, build

REQUIRED = 5_000
REQUIRED_MB = 300


def main(argv: list[str] | None = None) -> None:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(prog="bench.csv_import")
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as name:
        folder = Path(name)
        world = build(folder, 9)
        file = folder / "sales.csv"
        with file.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["click_id", "goal", "amount", "currency", "order_id", "comment"])
            for number, click_id in enumerate(add_clicks(world, options.rows)):
                writer.writerow([click_id, "sale", "12.50", "EUR", f"T{number}", "thank you, come again"])
        env = {
            **os.environ,
            "REDOUND_DATA_DIR": str(folder),
            "REDOUND_SECRET_KEY": world.settings.secret_key,
            "REDOUND_LOG_LEVEL": "WARNING",
        }
        print(f"\n{options.rows:,} conversions by CSV, each with a delivery, SQLite")
        for what, more in (("dry run", ["--dry-run"]), ("applied", []), ("the same file again", [])):
            began = time.perf_counter()
            arguments = ["import-csv", str(file), "--kind", "conversions", *more]
            subprocess.run([sys.executable, "-m", "redound", *arguments], env=env, cwd=ROOT, check=True)
            rate = options.rows / (time.perf_counter() - began)
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{what:<20} {rate:>8,.0f} rows/s   {most:>5,.0f} MB at most")
            if what == "applied":
                print(f"{'':<20} required: {REQUIRED:,} rows/s, less than {REQUIRED_MB} MB")


if __name__ == "__main__":
    main()
