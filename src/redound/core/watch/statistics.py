"""The two pieces of statistics that the watch needs: how sure a share is, and how likely a count."""

from __future__ import annotations

import math
from typing import Final

Z: Final = 1.96
"""How many standard errors away the bound of a share lies: 95 % of the time the share is inside."""


def lower_bound(hits: int, total: int) -> float:
    """Return what a share is at least, with 95 % certainty (Wilson's interval); 0 for nothing.

    6 of 10 are at least 31 %, 60 of 100 at least 50 %: the more there is, the surer it is.
    """
    if total <= 0:
        return 0.0
    hits = min(max(hits, 0), total)
    share = hits / total
    centre = share + Z * Z / (2 * total)
    margin = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    return max(0.0, (centre - margin) / (1 + Z * Z / total))


def at_most(count: int, mean: float) -> float:
    """Return how likely it is that no more than `count` come when `mean` are expected (Poisson)."""
    if mean <= 0:
        return 1.0
    if count < 0:
        return 0.0
    logs = [_log_chance(each, mean) for each in range(_first(count, mean), count + 1)]
    return min(1.0, _sum(logs))


def at_least(count: int, mean: float) -> float:
    """Return how likely it is that `count` or more come when `mean` are expected (Poisson)."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count <= mean:
        return min(1.0, max(0.0, 1.0 - at_most(count - 1, mean)))
    last = count + _reach(count)
    return min(1.0, _sum([_log_chance(each, mean) for each in range(count, last + 1)]))


def _first(count: int, mean: float) -> int:
    """Return from where on terms matter: those far below add nothing."""
    return max(0, min(count, math.floor(mean)) - _reach(mean))


def _reach(mean: float) -> int:
    return 50 + 12 * math.isqrt(math.ceil(mean))


def _log_chance(count: int, mean: float) -> float:
    return count * math.log(mean) - mean - math.lgamma(count + 1)


def _sum(logs: list[float]) -> float:
    return math.fsum(math.exp(each) for each in logs)
