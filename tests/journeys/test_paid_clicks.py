"""CPC: the offer pays for clicks, and the affiliate's tracker is told of each valid one, whatever happens."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.journeys.client import BROWSER, Client, NoAnswerError
from tests.journeys.process import eventually
from tests.journeys.test_crash import all_finished
from tests.journeys.world import make_scene
from tests.receiver import Answer, Receiver

if TYPE_CHECKING:
    from tests.journeys.process import Installation
    from tests.journeys.world import Scene

QUERY = "?subid={sub1}&cid={click_id}&payout={payout}&event={event_type}"
KILLS = 6


def pay_for_clicks(scene: Scene, tracker: Receiver, **fields: str) -> str:
    """Make the scene's offer pay 0.15 a click, with a postback of Alice's for it."""
    scene.manager.edit(f"offers/{scene.offer}", payout_model="cpc", cpc_payout="0.15")
    return scene.postback(
        f"{tracker.url('/')}{QUERY}", event="click", level="offer", include=[scene.offer], **fields
    )


def visit(bob: Client, scene: Scene, agent: str, method: str = "GET", **headers: str) -> int:
    """Follow the link with this browser."""
    return bob.request(method, f"/c/{scene.code}?sub1=x", None, {"User-Agent": agent, **headers}).status


def test_a_valid_click_is_told_with_its_payout(bob: Client, scene: Scene, tracker: Receiver):
    """Price, click ID and sub ID arrive; the delivery belongs to the click."""
    pay_for_clicks(scene, tracker)
    click_id = bob.click(scene.code, sub1="TRACKER-1")
    (callback,) = tracker.wait(1)
    expected = {"subid": "TRACKER-1", "cid": click_id, "payout": "0.15", "event": "click"}
    assert callback.query == expected
    delivered = eventually(
        lambda: bob.read(f"deliveries?click_id={click_id}&state=delivered")["data"], what="it is recorded"
    )
    assert (len(delivered), delivered[0]["conversion_id"]) == (1, None)


def test_bots_prefetches_and_repeats_are_redirected_and_not_paid(
    bob: Client, scene: Scene, tracker: Receiver
):
    """Six visits, of which two count: one browser, and another one."""
    pay_for_clicks(scene, tracker)
    assert visit(bob, scene, "Googlebot/2.1 (+http://www.google.com/bot.html)") == 302
    assert visit(bob, scene, BROWSER, "HEAD") == 302
    assert visit(bob, scene, BROWSER, **{"Sec-Purpose": "prefetch"}) == 302
    assert visit(bob, scene, BROWSER) == 302
    assert visit(bob, scene, BROWSER) == 302
    assert visit(bob, scene, f"{BROWSER} Another/1.0") == 302
    tracker.wait(2)
    clicks = list(bob.every("clicks", offer_id=scene.offer))
    assert sorted(click["valid"] for click in clicks)[-2:] == [True, True]
    assert sum(click["valid"] for click in clicks) == 2
    assert len(list(bob.every("deliveries", offer_id=scene.offer))) == 2


def test_clicks_at_an_offer_that_pays_for_conversions_tell_nobody(
    bob: Client, scene: Scene, tracker: Receiver
):
    """The offer changes to CPA: the postback stays, and falls silent."""
    pay_for_clicks(scene, tracker)
    bob.edit(f"offers/{scene.offer}", payout_model="cpa")
    scene.settle()
    bob.click(scene.code)
    assert list(bob.every("deliveries", offer_id=scene.offer)) == []
    assert tracker.requests == []


def test_a_tracker_that_hangs_does_not_slow_the_redirect(bob: Client, scene: Scene, tracker: Receiver):
    """Its receiver takes a second for each: forty visitors are sent on within a fraction of that."""
    tracker.always(Answer(delay=1.0))
    pay_for_clicks(scene, tracker)
    took = []
    for number in range(40):
        began = time.monotonic()
        assert visit(bob, scene, f"{BROWSER} {number}") == 302
        took.append(time.monotonic() - began)
    assert sorted(took)[len(took) // 2] < 0.3


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_click_that_was_answered_is_told_though_the_server_is_killed(empty: Installation):
    """Kill -9 at random moments: each click that got its redirect reaches the tracker, under one ID."""
    chance = random.Random()
    bob = empty.manager()
    bob.base_url = empty.start()
    scene = make_scene(bob)
    with Receiver() as tracker:
        pay_for_clicks(scene, tracker)
        visitors = Visitors(empty, scene.code)
        for _ in range(KILLS):
            visitors.wait_for_more(chance.randint(1, 150))
            empty.kill()
            empty.start()
        visitors.wait_for_more(20)
        visitors.stop()
        bob.base_url = empty.base_url
        eventually(lambda: all_finished(bob), 60, what="every delivery is finished")
        clicks = {click["click_id"]: click for click in bob.every("clicks")}
        assert visitors.promised - set(clicks) == set()
        paid = {click_id for click_id, click in clicks.items() if click["valid"]}
        assert visitors.promised <= paid
        ids: dict[str, set[str | None]] = {}
        for callback in tracker.requests:
            ids.setdefault(callback.query["cid"], set()).add(callback.header("webhook-id"))
        assert set(ids) == paid
        assert {len(each) for each in ids.values()} == {1}
        assert len(list(bob.every("deliveries"))) == len(paid)


class Visitors:
    """People who follow a link, each with a browser of their own, until told to stop."""

    def __init__(self, installation: Installation, code: str) -> None:
        """Begin."""
        self.promised: set[str] = set()
        self._installation, self._code = installation, code
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(4)]
        for thread in self._threads:
            thread.start()

    def wait_for_more(self, count: int) -> None:
        """Return once so many more were redirected."""
        with self._changed:
            goal = len(self.promised) + count
            assert self._changed.wait_for(lambda: len(self.promised) >= goal, 60), "nobody is redirected"

    def stop(self) -> None:
        """End after what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, thread: int) -> None:
        client, number = Client("", timeout=10), 0
        while not self._stop.is_set():
            if client.base_url != self._installation.base_url:
                client = Client(self._installation.base_url, timeout=10)
            number += 1
            headers = {"User-Agent": f"{BROWSER} {thread}-{number}"}
            try:
                reply = client.request("GET", f"/c/{self._code}?sub1=v", None, headers)
            except NoAnswerError:
                self._stop.wait(0.02)
                continue
            assert reply.status == 302, reply.body
            with self._changed:
                self.promised.add(reply.headers["location"].partition("click_id=")[2])
                self._changed.notify_all()
