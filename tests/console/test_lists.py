"""Lists: pages by cursor, filters by field name, and a bounded number of queries whatever their length."""

from __future__ import annotations

import pytest

BUDGETS = {
    "advertisers": 2,
    "brands": 2,
    "offers": 2,
    "goals": 2,
    "affiliates": 2,
    "campaigns": 2,
    "links": 2,
    "postbacks": 3,
    "clicks": 2,
    "reports": 2,
    "conversions": 3,
    "deliveries": 2,
    "attempts": 2,
    "notifications": 2,
    "api-keys": 2,
    "reward-plans": 2,
    "players": 4,
    "activity": 2,
}
"""Queries a list may make, the look-up of the key included."""


def test_pages_go_on_where_the_last_one_ended(world):
    """Five brands in pages of two: each brand once, newest first, and new ones never shift a page."""
    made = [world.bob.make("brands", name=f"B{n}", advertiser_id=world.acme)["id"] for n in range(4)]
    expected = [*sorted(made, reverse=True), world.brand]
    first = world.bob.see("brands?limit=2")
    assert first["has_more"] is True
    world.bob.make("brands", name="meanwhile", advertiser_id=world.acme)
    second = world.bob.see(f"brands?limit=2&cursor={first['next_cursor']}")
    third = world.bob.see(f"brands?limit=2&cursor={second['next_cursor']}")
    assert (third["has_more"], third["next_cursor"]) == (False, None)
    pages = [row["id"] for page in (first, second, third) for row in page["data"]]
    assert sorted(pages, reverse=True) == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=!!", "cursor=", "colour=red", "active=2"]
)
def test_what_a_list_cannot_use_is_refused_by_name(world, query):
    """A mistyped filter would show everything."""
    answer = world.bob.get(f"links?{query}")
    assert (answer.status, answer.pointers) == (422, [query.split("=")[0]])


def test_filters_are_named_as_the_fields(world):
    """Bob looks for Alice's links, then for what is paused."""
    assert world.bob.get(f"links?affiliate_id={world.alice_id}").ids == [world.link]
    assert world.bob.get("offers?status=paused").ids == []
    assert world.bob.get("offers?status=paused,active").ids == [world.offer]
    assert world.bob.get("offers?status=sleeping").status == 422
    assert world.bob.get(f"offers?advertiser_id={world.acme}").ids == [world.offer]


def test_q_finds_an_id_or_a_part_of_a_name(world):
    """Whatever Bob has at hand."""
    assert world.bob.get("affiliates?q=ali").ids == [world.alice_id]
    assert world.bob.get(f"affiliates?q={world.alice_id}").ids == [world.alice_id]
    assert world.bob.get("affiliates?q=nobody").ids == []


def test_since_and_until_bound_the_time_of_creation(world):
    """From a moment on, and before it."""
    at = world.bob.see(f"brands/{world.brand}")["created_at"]
    assert world.bob.get("brands?since=2020-01-01T00:00:00Z").ids == [world.brand]
    assert world.bob.get("brands?until=2020-01-01T00:00:00Z").ids == []
    assert world.bob.get(f"brands?since={at}").ids == [world.brand]
    assert world.bob.get("brands?since=yesterday").pointers == ["since"]


@pytest.mark.parametrize("noun", BUDGETS)
def test_a_list_keeps_to_its_budget_of_queries(world, noun):
    """Twenty rows cost as many queries as one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(3):
        world.make_postback(name=f"Tracker {number}")
        world.bob.make("links", campaign_id=world.campaign, offer_id=world.offer)
    for person in (world.bob, world.alice):
        person.get(noun)
        with CaptureQueriesContext(connection) as queries:
            answer = person.get(noun)
        if answer.status == 200:
            made = [each["sql"] for each in queries if not each["sql"].startswith(("BEGIN", "COMMIT"))]
            assert len(made) <= BUDGETS[noun], made


@pytest.mark.parametrize(
    "at",
    [
        "0392-03-21T12:07:47%2B16:07",
        "9999-12-31T23:59:59-23:00",
        "3418-01-10T12:24:38Z",
        "2026-11-20T12:00:00",
    ],
)
def test_a_moment_that_nothing_happened_in_is_refused(world, at):
    """Far off, or without an offset: no database is asked about it."""
    for noun in ("links", "clicks"):
        answer = world.bob.get(f"{noun}?since={at}")
        assert (answer.status, answer.pointers) == (422, ["since"])
