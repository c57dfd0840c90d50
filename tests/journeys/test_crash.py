"""kill -9 at any moment under load: nothing that was answered is lost, nothing is made twice."""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.journeys.load import Load
from tests.journeys.process import eventually
from tests.journeys.world import make_scene
from tests.receiver import Receiver

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.process import Installation

KILLS = int(os.environ.get("REDOUND_TEST_KILLS", "25"))
"""How many kills there are on each of the two databases, over all chunks."""
CHUNKS = 5
MOST_REQUESTS_BETWEEN = 150


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_answered_is_lost_or_made_twice_by_kills(empty: Installation, chunk: int):
    """Visitors and the advertiser go on while the server is killed again and again; every promise is kept."""
    chance = random.Random()
    with Receiver() as tracker:
        bob, load = kills_under_load(empty, tracker, chance, KILLS // CHUNKS + (chunk < KILLS % CHUNKS))
        assert load.wrong == []
        check_promises(bob, load, tracker)


@pytest.mark.slow
def test_sigterm_under_load_ends_in_time_and_loses_nothing(empty: Installation):
    """A deploy: the server ends by itself with code 0 and the next one takes over."""
    with Receiver() as tracker:
        bob = set_out(empty, tracker)
        with Load(empty, bob.code, "stop") as load:
            for _ in range(3):
                load.wait_for_more(100)
                assert empty.stop() == 0
                empty.start()
            load.wait_for_more(20)
        bob.manager.base_url = empty.base_url
        assert load.wrong == []
        check_promises(bob.manager, load, tracker)


def kills_under_load(
    installation: Installation, tracker: Receiver, chance: random.Random, kills: int
) -> tuple[Client, Load]:
    """Kill at `kills` random points, start once more; return Bob's client and what was promised."""
    scene = set_out(installation, tracker)
    with Load(installation, scene.code, "kill") as load:
        for _ in range(kills):
            load.wait_for_more(chance.randint(1, MOST_REQUESTS_BETWEEN))
            installation.kill()
            installation.start()
        load.wait_for_more(20)
    scene.manager.base_url = installation.base_url
    return scene.manager, load


def set_out(installation: Installation, tracker: Receiver):
    """Start, and set up Alice with one postback; return the scene."""
    bob = installation.manager()
    bob.base_url = installation.start()
    scene = make_scene(bob)
    scene.postback(tracker.url("/postback"))
    return scene


def check_promises(bob: Client, load: Load, tracker: Receiver) -> None:
    """Compare what was answered with what is stored and what reached the tracker."""
    eventually(lambda: all_finished(bob), 60, what="every delivery is finished")
    stored_clicks = {click["click_id"] for click in bob.every("clicks")}
    assert load.clicks - stored_clicks == set()

    conversions = list(bob.every("conversions"))
    by_txid = Counter(conversion["txid"] for conversion in conversions)
    assert {txid: count for txid, count in by_txid.items() if count != 1} == {}
    stored = {conversion["txid"]: conversion["id"] for conversion in conversions}
    assert {txid for txid, conversion in load.conversions.items() if stored.get(txid) != conversion} == set()
    assert {len(conversion["transitions"]) for conversion in conversions} == {1}

    deliveries = Counter(delivery["conversion_id"] for delivery in bob.every("deliveries"))
    assert deliveries == Counter(dict.fromkeys(stored.values(), 1))
    ids = defaultdict(set)
    for callback in tracker.requests:
        ids[callback.query["tid"]].add(callback.header("webhook-id"))
    assert set(ids) == set(stored.values())
    assert {len(each) for each in ids.values()} == {1}


def all_finished(bob: Client) -> bool:
    """Whether nothing waits to be delivered."""
    waiting = ("pending", "leased", "retrying", "parked")
    return not any(bob.read(f"deliveries?state={state}&limit=1")["data"] for state in waiting)
