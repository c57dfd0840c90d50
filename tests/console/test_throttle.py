"""How often a key may ask."""

from __future__ import annotations

import pytest

from redound.console import throttle
from redound.console.errors import TooManyRequestsError


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_what_was_used_up_comes_back_with_time():
    """Sixty a minute: all at once, then one a second."""
    clock = Clock()
    bucket = throttle.Throttle(60, clock)
    for _ in range(60):
        bucket.take("alice")
    with pytest.raises(TooManyRequestsError) as refused:
        bucket.take("alice")
    assert refused.value.retry_after_seconds == 1
    clock.now = 1.0
    bucket.take("alice")


def test_each_key_has_a_bucket_of_its_own():
    """Alice's script does not hold up Charlie's."""
    bucket = throttle.Throttle(1, Clock())
    bucket.take("alice")
    bucket.take("charlie")


def test_over_the_api_it_is_429_with_the_wait(world, monkeypatch):
    """And nothing is done."""
    monkeypatch.setattr(throttle, "requests", throttle.Throttle(2, Clock()))
    assert world.bob.get("offers").status == 200
    assert world.charlie.get("offers").status == 200
    assert world.bob.get("offers").status == 200
    answer = world.bob.post("affiliates", {"name": "Dora"})
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, "rate_limited", "30")
    from redound.console.catalog.models import Affiliate

    assert not Affiliate.objects.filter(name="Dora").exists()
