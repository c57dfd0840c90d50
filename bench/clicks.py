"""Durable clicks on SQLite against a bare ASGI redirect and nginx, all on this machine.

python -m bench.clicks [--runs 3] [--seconds 4] [--connections 64] [--role edge|serve] [--paid]

With `--paid` the offer pays for clicks, and each click owes a delivery that is stored with it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from bench._measure import Served, load, median, nginx, server, spread, table
from bench._world import build, pay_for_clicks

TARGETS = 50_000


def main(argv: list[str] | None = None) -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(prog="bench.clicks")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--role", choices=["edge", "serve"], default="serve")
    parser.add_argument("--paid", action="store_true")
    options = parser.parse_args(argv)
    results: dict[str, list[dict[str, object]]] = {}
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        world = build(Path(folder), 9)
        if options.paid:
            # Every visitor of the bench has the same address and browser.
            os.environ["REDOUND_CLICK_DUPLICATE_WINDOW"] = "0s"
            pay_for_clicks()
        targets = [f"/c/{world.code}?sub1=visit{number}&source=blog" for number in range(TARGETS)]

        def measure(name: str, served: Served) -> None:
            result = load(served, targets, seconds=options.seconds, connections=options.connections)
            assert set(result["statuses"]) == {"302"}, result  # type: ignore[call-overload]
            results.setdefault(name, []).append(result)

        for _ in range(options.runs):
            with server("bare", "302") as served:
                measure("bare ASGI 302", served)
            with server(options.role, folder) as served:
                measure(f"redound {options.role}, durable", served)
            with nginx(302) as found:
                if found is not None:
                    measure("nginx, one worker", found)
    rows = [(name, median(runs)) for name, runs in results.items()]
    table(f"Clicks, {options.connections} connections, SQLite, synchronous=FULL", rows, "bare ASGI 302")
    print("spread of the runs:", ", ".join(f"{name} {spread(runs)}" for name, runs in results.items()))


if __name__ == "__main__":
    main()
