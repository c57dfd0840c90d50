"""A postback seen without any tracker: it is sent to a bin of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene


def test_a_postback_into_a_bin(bob: Client, scene: Scene):
    """The bin shows what a tracker would have got, and its answer is the attempt's."""
    made = bob.make("bins", status=202, body="noted")
    url = f"{bob.base_url}/bin/{made['url'].rpartition('/')[2]}"
    scene.postback(url + "/pb?cid={sub1}&status={status}")
    bob.report(click_id=bob.click(scene.code, sub1="MYTEST123"))
    caught = eventually(lambda: bob.read(f"bins/{made['id']}/requests")["data"], what="the bin caught it")
    assert (caught[0]["method"], caught[0]["path"], caught[0]["query"]) == (
        "GET",
        "pb",
        "cid=MYTEST123&status=approved",
    )
    (delivery,) = eventually(
        lambda: bob.read(f"deliveries?offer_id={scene.offer}&state=delivered")["data"], what="it is delivered"
    )
    (attempt,) = bob.read(f"attempts?delivery_id={delivery['id']}")["data"]
    assert (attempt["response"]["status"], attempt["response"]["body"]) == (202, "noted")
