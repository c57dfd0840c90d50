"""All benches, one after the other: `python -m bench [NAME…]`. Everything stays on the loopback."""

from __future__ import annotations

import importlib
import os
import platform
import sys

BENCHES = (
    *("clicks", "reports", "deliveries", "end_to_end", "players", "csv_import", "lint", "pages"),
    "statistics",
)


def main(names: list[str]) -> None:
    """Run the named benches, or all."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        raise SystemExit(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.")
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, "
        f"load {os.getloadavg()[0]:.1f} (a busy machine makes every figure small and the ratios uncertain)"
    )
    for name in names or BENCHES:
        importlib.import_module(f"bench.{name}").main([])


if __name__ == "__main__":
    main(sys.argv[1:])
