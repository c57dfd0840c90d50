"""How often a key may ask: a bucket of tokens per key, in this process's memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from redound.console.errors import TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS_A_MINUTE = 6000
TESTS_A_MINUTE = 120
MAX_KEYS = 10_000


class Throttle:
    """Grants `per_minute` requests a minute to each key, all of them at once if they were saved up."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one request; TooManyRequestsError with the wait when the bucket is empty."""
        now = self._clock()
        with self._lock:
            tokens, at = self._buckets.pop(key, (self._most, now))
            tokens = min(self._most, tokens + (now - at) * self._per_second)
            granted = tokens >= 1
            self._buckets[key] = (tokens - 1 if granted else tokens, now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        if not granted:
            wait = max(1, math.ceil((1 - tokens) / self._per_second))
            raise TooManyRequestsError(
                "rate_limited",
                f"More than {self._most:.0f} requests a minute. Try again in {wait} s.",
                retry_after_seconds=wait,
            )


requests = Throttle(REQUESTS_A_MINUTE)
tests = Throttle(TESTS_A_MINUTE)
