"""Statistics of a real installation: what happened is counted within a minute, and stays right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver

A_MINUTE = 75
"""With room for a busy machine."""


@pytest.mark.slow
def test_what_happened_is_counted_within_a_minute(bob: Client, scene: Scene, tracker: Receiver):
    """A click, its conversion and its callback; the rejection takes the payout back."""
    postback = scene.postback(tracker.url("/postback"))
    click_id = bob.click(scene.code, sub1="trk-1", sub2="banner")
    reply = bob.report(click_id=click_id, goal="registration")
    tracker.wait(1)

    def total() -> dict:
        return bob.read(f"statistics?affiliate_id={scene.affiliate}&compare=previous")["total"]

    eventually(lambda: total()["approved"] == 1 == total()["valid_clicks"], A_MINUTE, what="both are counted")
    assert total()["money"][0]["payout"] == "12.00"
    by_sub = bob.read(f"statistics?affiliate_id={scene.affiliate}&group_by=sub2")["data"]
    assert [(row["key"], row["valid_clicks"], row["approved"]) for row in by_sub] == [("banner", 1, 1)]

    bob.api("POST", f"conversions/{reply.json['conversion_id']}/status", {"status": "rejected"})
    eventually(lambda: total()["rejected"] == 1, A_MINUTE, what="the rejection is counted")
    assert (total()["conversions"], total()["money"]) == (0, [])

    def deliveries() -> dict:
        return bob.read(f"statistics/deliveries?postback_id={postback}")["total"]

    eventually(lambda: deliveries()["attempts"] >= 1, A_MINUTE, what="the callback is counted")
    assert deliveries()["delivered"] >= 1
