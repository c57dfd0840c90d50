"""Bob is told once that a tracker refuses everything, and once that it is over; and so is Alice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.process import eventually
from tests.journeys.world import make_scene
from tests.receiver import Answer

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.process import Installation
    from tests.receiver import Receiver

LOOKS = {"REDOUND_WATCH_INTERVAL": "1s", "REDOUND_RETRY_SCHEDULE": "1h"}
REFUSED, TAKEN = 12, 130


def told(person: Client) -> list[str]:
    """What somebody was told about incidents, oldest first."""
    found = [one for one in person.every("notifications") if one["kind"].startswith("incident_")]
    return [one["kind"] for one in sorted(found, key=lambda one: one["id"])]


@pytest.mark.slow
def test_an_incident_opens_and_closes_and_people_are_told_once(empty: Installation, tracker: Receiver):
    """Everything fails, the tracker is mended, and what comes then gets through."""
    empty.settings = empty.settings | LOOKS
    bob = empty.client(empty.run("key", "create", "--manager", "Bob").stdout.strip())
    bob.base_url = empty.start()
    scene = make_scene(bob)
    alice = empty.client(empty.run("key", "create", "--affiliate", scene.affiliate).stdout.strip())
    alice.base_url = bob.base_url
    postback = scene.postback(tracker.url("/"))

    tracker.always(Answer(status=500, body=b"broken"))
    for _ in range(REFUSED):
        bob.report(click_id=bob.click(scene.code))
    [incident] = eventually(
        lambda: list(bob.every("incidents", state="open")), 30, what="an incident is opened"
    )
    assert (incident["kind"], incident["postback_id"]) == ("deliveries_failing", postback)
    assert incident["evidence"]["total"] == incident["evidence"]["hits"] <= REFUSED
    assert (told(bob), told(alice)) == (["incident_opened"], ["incident_opened"])
    metrics = bob.request("GET", "/metrics").body
    assert 'redound_incidents{what="deliveries_failing"} 1.0' in metrics

    tracker.always(Answer())
    for _ in range(TAKEN):
        bob.report(click_id=bob.click(scene.code))
    [after] = eventually(
        lambda: list(bob.every("incidents", state="closed")), 40, what="the incident is closed"
    )
    assert (after["id"], after["closed_because"]) == (incident["id"], "recovered")
    assert told(bob) == told(alice) == ["incident_opened", "incident_closed"]
    assert list(bob.every("incidents", state="open")) == []
    assert [one["id"] for one in alice.every("incidents")] == [incident["id"]]
