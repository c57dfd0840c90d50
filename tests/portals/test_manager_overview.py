"""The managers' first page, and who gets to the managers' pages at all."""

from __future__ import annotations

import pytest

from tests.console.traffic import attempt, convert, disable
from tests.portals.managing import alices, bobs

PAGES = (
    *("", "conversions/", "conversions/new/", "jobs/", "affiliates/", "affiliates/new/"),
    *("advertisers/", "advertisers/new/", "offers/", "offers/new/", "gallery/", "gallery/new/"),
    *("gallery/keitaro/", "imports/", "imports/new/", "players/", "audit/", "system/", "settings/"),
)


@pytest.mark.parametrize("path", PAGES)
def test_bob_sees_each_page_and_alice_none(world, path):
    """A manager's page for the manager; for an affiliate it is refused."""
    bob, alice = bobs(world), alices(world)
    assert bob.get(f"/manage/{path}").status_code == 200
    assert alice.get(f"/manage/{path}").status_code == 403


def test_an_empty_installation_says_where_to_begin(world):
    """Nothing waits; with an offer there is no beginner's help."""
    page = bobs(world).text("/manage/")
    assert "Nothing waits for you." in page
    assert "Begin here" not in page


def test_what_needs_attention_stands_on_top_with_its_number(world):
    """A pending conversion, a disabled postback, a report without a click, an HTML postback to read."""
    from redound.console.traffic.models import Delivery

    postback = world.make_postback()["id"]
    convert(world, status="pending")
    attempt(Delivery.objects.get().pk if Delivery.objects.exists() else _fired(world), status=500)
    disable(postback)
    page = bobs(world).text("/manage/")
    assert "postback is disabled" in page
    assert "?state=disabled" in page


def _fired(world) -> str:
    """Return a delivery of an approved conversion."""
    from redound.console.traffic.models import Delivery

    convert(world)
    return Delivery.objects.get().pk


BUDGETS = {
    "manager overview": "/manage/",
    "conversions of managers": "/manage/conversions/",
    "affiliates": "/manage/affiliates/",
    "advertisers": "/manage/advertisers/",
    "offers of managers": "/manage/offers/",
    "audit": "/manage/audit/",
    "players of managers": "/manage/players/",
    "imports": "/manage/imports/",
    "gallery of managers": "/manage/gallery/",
    "system": "/manage/system/",
}


@pytest.mark.parametrize("name", BUDGETS)
def test_a_page_keeps_to_its_number_of_queries(world, queries, name):
    """However many rows there are."""
    for _each in range(3):
        convert(world)
        convert(world, world.charlies_link)
    bob = bobs(world)
    bob.text(BUDGETS[name])
    queries(name, lambda: bob.text(BUDGETS[name]))


def test_an_unknown_page_is_404(world):
    """Of both portals."""
    assert bobs(world).get("/manage/nosuch/").status_code == 404
