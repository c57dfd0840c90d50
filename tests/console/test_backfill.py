"""Backfill: what a postback missed, with the reason; sent late, marked, once each, at a capped rate."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.console.traffic import convert, disable, open_click, report

STRANGERS = "cnv_" + "0" * 28


def missed(person, postback, query=""):
    """What the postback missed: (conversion, reason), oldest first."""
    page = person.see(f"postbacks/{postback}/backfill{query}")
    assert page["count"] >= len(page["data"])
    return [(row["conversion_id"], row["reason"]) for row in page["data"]]


def send(person, postback, **body):
    """Send; return the answer."""
    answer = person.post(f"postbacks/{postback}/backfill", body or {"filter": {}})
    assert answer.status == 200, answer.json
    return answer.json


def test_a_new_postback_can_catch_up(world):
    """Two conversions came before it existed, one after; the last has fired."""
    first, second = convert(world), convert(world)
    postback = world.make_postback()["id"]
    convert(world)
    assert missed(world.alice, postback) == [(first, "not_there_yet"), (second, "not_there_yet")]


def test_what_came_while_it_was_off_can_be_sent(world):
    """Marked, with the values of the conversion, once each however often it is asked for."""
    postback = world.make_postback(enabled=False)["id"]
    conversion = convert(world, txid="T-1")
    assert missed(world.alice, postback) == [(conversion, "switched_off")]
    assert world.alice.patch(f"postbacks/{postback}", {"enabled": True}).status == 200
    sent = send(world.alice, postback)
    assert (sent["count"], sent["reasons"], sent["has_more"]) == (1, {"switched_off": 1}, False)
    (delivery,) = world.alice.see("deliveries")["data"]
    assert sent["delivery_ids"] == [delivery["id"]]
    assert (delivery["resent"], delivery["test"], delivery["conversion_id"]) == (True, False, conversion)
    from redound.console.traffic.models import Delivery

    assert Delivery.objects.get().macro_values["txid"] == "T-1"
    assert missed(world.alice, postback) == []
    assert send(world.alice, postback)["count"] == 0
    skipped = send(world.alice, postback, conversion_ids=[conversion])
    assert [row["conversion_id"] for row in skipped["skipped"]] == [conversion]
    assert len(world.alice.get("deliveries").ids) == 1


def test_a_wrong_condition_that_was_corrected(world):
    """The reason kept from then says what was wrong."""
    postback = world.make_postback(statuses=["rejected"])["id"]
    conversion = convert(world)
    assert missed(world.alice, postback) == []
    world.alice.patch(f"postbacks/{postback}", {"statuses": ["approved"]})
    page = world.alice.see(f"postbacks/{postback}/backfill")
    (row,) = page["data"]
    assert (row["conversion_id"], row["reason"], row["status"]) == (conversion, "other_condition", "approved")
    assert "rejected" in row["detail"]
    assert row["detail"] in row["text"]
    assert (page["reasons"], page["complete"], page["looked_at"]) == ({"other_condition": 1}, True, 1)


def test_a_dry_run_counts_and_sends_nothing(world):
    """So does the list."""
    convert(world)
    postback = world.make_postback()["id"]
    counted = send(world.alice, postback, filter={}, dry_run=True)
    assert (counted["count"], counted["delivery_ids"], counted["dry_run"]) == (1, [], True)
    assert world.alice.get("deliveries").ids == []


def test_only_the_present_state_is_told(world):
    """A conversion that was approved and rejected since is not approved once more."""
    click_id = open_click(world)
    report(click_id, status="approved")
    report(click_id, status="rejected")
    approved = world.make_postback(statuses=["approved"])["id"]
    rejected = world.make_postback(statuses=["rejected"])["id"]
    assert missed(world.alice, approved) == []
    assert [reason for _, reason in missed(world.alice, rejected)] == ["not_there_yet"]


def test_tests_are_not_caught_up(world):
    """They were never owed."""
    assert world.alice.post(f"clicks/{open_click(world)}/test-conversion").status == 201
    assert missed(world.alice, world.make_postback()["id"]) == []


def test_the_rate_is_capped_and_goes_on_where_it_was(world):
    """One every 20 ms, as the installation has it; a second request waits behind the first."""
    from redound.console.traffic.models import Due

    ids = [convert(world) for _ in range(4)]
    postback = world.make_postback()["id"]
    send(world.alice, postback, conversion_ids=ids[:2])
    send(world.alice, postback, conversion_ids=ids[2:])
    times = list(Due.objects.order_by("at").values_list("at", flat=True))
    assert len(times) == 4
    assert all(later - earlier >= 20 for earlier, later in pairwise(times))
    order = list(Due.objects.order_by("at").values_list("delivery__conversion_id", flat=True))
    assert order == ids


def test_an_auto_disabled_postback_parks_what_it_missed(world):
    """Enabling resumes it, like everything else."""
    convert(world)
    postback = world.make_postback()["id"]
    disable(postback)
    send(world.alice, postback)
    (delivery,) = world.alice.see("deliveries")["data"]
    assert (delivery["state"], delivery["resent"]) == ("parked", True)


def test_one_that_is_off_sends_nothing(world):
    """The answer says what to do first."""
    convert(world)
    postback = world.make_postback(enabled=False)["id"]
    answer = world.alice.post(f"postbacks/{postback}/backfill", {"filter": {}})
    assert (answer.status, answer.code) == (409, "postback_off")
    assert world.alice.get("deliveries").ids == []


def test_others_conversions_and_private_goals_stay_away(world):
    """Alice's postback catches up on Alice's; nobody names what they do not see."""
    convert(world, world.charlies_link)
    world.make_goal(code="secret", private=True)
    hidden = convert(world, goal="secret")
    postback = world.make_postback()["id"]
    assert missed(world.alice, postback) == []
    assert missed(world.bob, postback) == [(hidden, "not_there_yet")]
    answer = world.alice.post(f"postbacks/{postback}/backfill", {"conversion_ids": [hidden, STRANGERS]})
    assert (answer.status, answer.pointers) == (422, ["/conversion_ids/0", "/conversion_ids/1"])
    assert world.charlie.get(f"postbacks/{postback}/backfill").status == 404


def test_pages_and_filters(world):
    """By goal and cursor; a mistyped filter is refused."""
    ids = [convert(world) for _ in range(3)]
    postback = world.make_postback()["id"]
    page = world.alice.see(f"postbacks/{postback}/backfill?limit=2&goal_id={world.goal}")
    assert ([row["conversion_id"] for row in page["data"]], page["count"]) == (ids[:2], 3)
    rest = world.alice.see(f"postbacks/{postback}/backfill?limit=2&cursor={page['next_cursor']}")
    assert ([row["conversion_id"] for row in rest["data"]], rest["has_more"]) == (ids[2:], False)
    assert missed(world.alice, postback, "?status=rejected") == []
    assert world.alice.get(f"postbacks/{postback}/backfill?gaol=1").status == 422


@pytest.mark.parametrize(
    "body", [{}, {"conversion_ids": [STRANGERS], "filter": {}}, {"filter": {"limit": 3}}]
)
def test_what_to_send_is_said_in_one_way(world, body):
    """Either IDs or a filter."""
    postback = world.make_postback()["id"]
    assert world.alice.post(f"postbacks/{postback}/backfill", body).status == 422


def test_the_narrower_rival_still_wins(world):
    """With `most_specific` a broad postback missed nothing that its rival takes."""
    assert world.bob.patch(f"affiliates/{world.alice_id}", {"precedence": "most_specific"}).status == 200
    convert(world)
    broad = world.make_postback()["id"]
    narrow = world.make_postback(level="offer", include=[world.offer])["id"]
    assert missed(world.alice, broad) == []
    assert len(missed(world.alice, narrow)) == 1
