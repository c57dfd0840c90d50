"""One look at the youngest rows, on both databases."""

from __future__ import annotations

import secrets

from redound.console.live import reading
from redound.console.live.rows import MANAGERS, WINDOW_MS
from redound.core.ids import new_id
from tests.console.traffic import attempt, convert, disable
from tests.live.watching import now_ms


def deliver(at: int, postback_id: str = "pbk_1") -> str:
    """Store a delivered delivery of another time; return its ID."""
    from django.db import connection

    delivery_id = new_id("dlv", at, secrets.token_bytes(8))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deliveries "
            "(id, postback_id, affiliate_id, click_id, fire_key, macro_values, created_at) "
            "VALUES (%s, %s, 'aff_1', 'c', %s, '{}', %s)",
            [delivery_id, postback_id, delivery_id, at],
        )
    return delivery_id


def look(noun, known=None):
    """Look, with the marks of what is known."""
    return reading.look(noun, known or {})


def marks(sample) -> dict[str, str]:
    """The marks to know a sample by."""
    return {row.id: row.mark for row in sample.rows}


def test_what_is_known_is_not_made_again(world):
    """Only what changed since."""
    world.make_postback()
    convert(world)
    convert(world)
    first = look("deliveries")
    assert [row.fields["state"] for row in first.rows] == ["pending"] * 2
    assert {row.audience for row in first.rows} == {world.alice_id}
    assert look("deliveries", marks(first)).rows == ()
    attempt(first.rows[0].id)
    (changed,) = look("deliveries", marks(first)).rows
    assert (changed.id, changed.fields["state"]) == (first.rows[0].id, "delivered")


def test_an_old_delivery_that_is_tried_now_is_found(world):
    """By its attempt; one that is not tried is no news."""
    old = now_ms() - 10 * WINDOW_MS
    tried, _ = deliver(old), deliver(old)
    assert look("deliveries").rows == ()
    attempt(tried)
    assert [row.id for row in look("deliveries").rows] == [tried]


def test_more_than_a_look_takes_is_said_unless_it_reaches_what_is_known(world, monkeypatch):
    """Else rows would be passed over in silence."""
    monkeypatch.setattr(reading, "MOST", 3)
    now = now_ms()
    ids = [deliver(now - 1000 + number) for number in range(4)]
    sample = look("deliveries")
    assert ([row.id for row in sample.rows], sample.missed) == (ids[1:], True)
    assert look("deliveries", {ids[1]: "as it was"}).missed is False
    monkeypatch.setattr(reading, "MOST", 5)
    assert look("deliveries").missed is False


def test_reports_and_notifications_know_whose_they_are(world):
    """A notification of the managers' is for no affiliate, one of Alice's for no manager."""
    disable(world.make_postback()["id"])
    convert(world, world.charlies_link)
    (report,) = look("reports").rows
    assert (report.audience, report.fields["verdict"]) == (world.charlie_id, "accepted")
    told = {row.audience: row.for_managers for row in look("notifications").rows}
    assert told == {MANAGERS: True, world.alice_id: False}
