"""Durable reports on SQLite, each making a conversion and a delivery, against a bare ASGI answer and nginx.

    python -m bench.reports [--runs 3] [--seconds 4] [--connections 64]

The worker is not running: what is measured ends with the 200 (one transaction for report, conversion,
transition and delivery).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench._measure import Served, load, median, nginx, server, spread, table
from bench._world import add_clicks, build

MOST_PER_SECOND = 30_000
WARM_UP_SECONDS = 1.0


def main(argv: list[str] | None = None) -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(prog="bench.reports")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args(argv)
    results: dict[str, list[dict[str, object]]] = {}
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        world = build(Path(folder), 9)
        count = int((options.seconds + WARM_UP_SECONDS) * MOST_PER_SECOND)

        def measure(name: str, served: Served, targets: list[str]) -> None:
            result = load(served, targets, seconds=options.seconds, connections=options.connections)
            assert set(result["statuses"]) == {"200"}, result  # type: ignore[call-overload]
            results.setdefault(name, []).append(result)

        for _ in range(options.runs):
            # Each click is reported once, so that each report is accepted.
            clicks = add_clicks(world, count)
            targets = [f"/postback?click_id={click_id}&goal=sale&txid=T{click_id}" for click_id in clicks]
            with server("bare", "200") as served:
                measure("bare ASGI 200", served, targets)
            with server("edge", folder) as served:
                measure("redound edge, durable", served, targets)
            with nginx(200) as found:
                if found is not None:
                    measure("nginx, one worker", found, targets)
    rows = [(name, median(runs)) for name, runs in results.items()]
    table(
        f"Reports with a conversion and a delivery each, {options.connections} connections, SQLite",
        rows,
        "bare ASGI 200",
    )
    print("spread of the runs:", ", ".join(f"{name} {spread(runs)}" for name, runs in results.items()))


if __name__ == "__main__":
    main()
