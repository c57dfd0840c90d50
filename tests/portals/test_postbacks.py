"""Postbacks in the portals: their list, one of them, and what people do with it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.console.test_sending_tests import worker
from tests.console.traffic import attempt, convert, disable
from tests.portals.signed_in import HOSTILE, alice, bob, charlie, without_postbacks

__all__ = ["worker"]

TABS = ("", "?tab=health", "?tab=settings", "?tab=changes", "?tab=checklist", "?tab=backfill", "?tab=x")


def row(postback: dict[str, Any]) -> Any:
    """Return what is stored of a postback."""
    from redound.console.postbacks.models import Postback

    return Postback.objects.get(pk=postback["id"])


def state(world: Any, postback: dict[str, Any]) -> str:
    """Return the state that the API gives."""
    return str(world.bob.see(f"postbacks/{postback['id']}")["state"])


def deliveries(**which: Any) -> list[Any]:
    """Return what is stored of deliveries, oldest first."""
    from redound.console.traffic.models import Delivery

    return list(Delivery.objects.filter(**which).order_by("pk"))


def test_the_list_tells_how_each_does(world):
    """State, where it applies, the last deliveries, the success rate."""
    made = world.make_postback(name="Keitaro", exclude_offers=[world.make_offer(name="Hats")])
    for status in (200, 200, 200, 404):
        convert(world)
        attempt(deliveries()[-1].id, status=status)
    page = unescape(alice(world).text("/postbacks/"))
    assert f'href="/postbacks/{made["id"]}/"' in page
    assert "for all offers, later ones too, except Hats" in page
    assert "3 delivered and 1 failed of the last 4 deliveries" in page
    assert "75 %" in page


def test_the_tabs_count_and_narrow(world):
    """Paused and disabled ones are in tabs of their own."""
    world.make_postback(name="Runs")
    world.make_postback(name="Rests", enabled=False)
    disable(world.make_postback(name="Broken")["id"])
    browser = alice(world)
    page = browser.text("/postbacks/")
    counts = dict(re.findall(r">(\w+)<span class=\"c num\">(\d+)<", page))
    assert counts == {"All": "3", "Active": "1", "Failing": "0", "Disabled": "1", "Paused": "1"}
    paused = browser.text("/postbacks/?state=paused")
    assert "Rests" in paused
    assert "Runs" not in paused


def test_a_manager_sees_everybodys_and_filters(world):
    """With the affiliate's name; an affiliate sees neither column nor others' rows."""
    world.make_postback(name="Alice's one")
    world.charlie.make("postbacks", name="Charlie's one", url="http://127.0.0.1:9000/?c={sub1}")
    browser = bob(world)
    page = unescape(browser.text("/manage/postbacks/"))
    assert "Alice's one" in page
    assert "Charlie's one" in page
    narrowed = unescape(browser.text(f"/manage/postbacks/?affiliate_id={world.charlie_id}"))
    assert "Alice's one" not in narrowed
    assert "Charlie's one" not in unescape(alice(world).text("/postbacks/"))


def test_every_tab_of_a_postback_opens(world):
    """With hostile names and answers, escaped."""
    made = world.make_postback(
        name=HOSTILE,
        params=[{"name": "key", "value": "hidden-1", "secret": True}],
        auth={"type": "bearer", "token": "hidden-2"},
    )
    convert(world)
    attempt(deliveries()[0].id, status=404, body=HOSTILE)
    browser = alice(world)
    for tab in TABS:
        page = browser.text(f"/postbacks/{made['id']}/{tab}")
        assert HOSTILE not in page, tab
        assert "hidden-" not in page, tab
        assert "&lt;script&gt;alert" in page, tab


def test_changes_are_told_without_secrets(world):
    """Who, what from and what to."""
    made = world.make_postback(auth={"type": "bearer", "token": "hidden-1"})
    world.bob.patch(
        f"postbacks/{made['id']}", {"name": "Renamed", "auth": {"type": "bearer", "token": "hidden-2"}}
    )
    page = unescape(alice(world).text(f"/postbacks/{made['id']}/?tab=changes"))
    assert '<del class="muted">Tracker</del> → <ins>Renamed</ins>' in page
    assert "key Bob's" in page
    assert "hidden-" not in page


def test_a_disabled_postback_says_why_and_is_enabled_again(world):
    """Its banner names the reason and what waits; enabling lets that go."""
    made = world.make_postback()
    disable(made["id"])
    convert(world)
    browser = alice(world)
    page = unescape(browser.text(f"/postbacks/{made['id']}/"))
    assert "25 attempts failed" in page
    assert "1 delivery waits for it." in page
    assert "Send a test, then enable it again" in page
    assert browser.post(f"/postbacks/{made['id']}/enable/").status_code == 302
    assert state(world, made) == "active"


def test_after_a_passing_test_enabling_is_the_next_button(world, worker):
    """The test is sent though it is disabled, its result stands on the page, and the button enables."""
    made = world.make_postback()
    disable(made["id"])
    browser = alice(world)
    answer = browser.post(f"/postbacks/{made['id']}/test/", {"test_click_id": "FROM-TRACKER"})
    page = unescape(browser.text(answer["Location"].partition("#")[0]))
    assert 'data-outcome="delivered"' in page
    assert "The test got through: enable it again" in page
    (sent,) = deliveries(test=True)
    assert sent.macro_values["sub1"] == "FROM-TRACKER"


def test_without_a_worker_the_test_says_so(world):
    """Nothing is sent, and it will not be later."""
    made = world.make_postback()
    browser = alice(world)
    answer = browser.post(f"/postbacks/{made['id']}/test/", {"test_click_id": "X"})
    assert "no delivery worker is running" in browser.text(answer["Location"].partition("#")[0])
    assert deliveries() == []


def test_resuming_from_a_time_on(world):
    """What was parked before is cancelled, the rest goes."""
    made = world.make_postback()
    disable(made["id"])
    convert(world)
    alice(world).post(f"/postbacks/{made['id']}/enable/", {"resume_since": "2099-01-01T00:00"})
    assert [each.state for each in deliveries()] == ["cancelled"]


def test_pausing_and_deleting(world):
    """A pause is noted as a change; deleting keeps the history and takes it off the list."""
    made = world.make_postback(name="Keitaro")
    browser = alice(world)
    assert browser.post(f"/postbacks/{made['id']}/pause/").status_code == 302
    assert (row(made).enabled, state(world, made)) == (False, "paused")
    assert browser.post(f"/postbacks/{made['id']}/delete/").status_code == 302
    assert row(made).archived_at is not None
    assert made["id"] not in browser.text("/postbacks/")
    assert made["id"] in browser.text("/postbacks/?archived=true")
    assert "Deleted: its history stays here." in browser.text(f"/postbacks/{made['id']}/")
    assert browser.post(f"/postbacks/{made['id']}/enable/").status_code == 409
    from redound.console.accounts.models import AuditEntry

    actions = AuditEntry.objects.filter(row_id=made["id"]).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["create", "edit", "archive"]


def test_what_was_missed_is_counted_then_sent(world):
    """The list says why; what is ticked goes, and then nothing is missing."""
    made = world.make_postback(enabled=False)
    first, second = convert(world), convert(world)
    browser = alice(world)
    page = browser.text(f"/postbacks/{made['id']}/?tab=backfill")
    assert "2 conversions were missed" in page
    assert "The postback was switched off." in page
    assert "activate it first" in page
    world.alice.patch(f"postbacks/{made['id']}", {"enabled": True})
    answer = browser.post(f"/postbacks/{made['id']}/backfill/", {"conversion_ids": [first], "chosen": ""})
    assert answer.status_code == 302
    assert [each.conversion_id for each in deliveries()] == [first]
    browser.post(f"/postbacks/{made['id']}/backfill/", {"all": ""})
    assert {each.conversion_id for each in deliveries()} == {first, second}
    assert "Nothing was missed" in browser.text(f"/postbacks/{made['id']}/?tab=backfill")


def test_a_manager_approves_exactly_the_html_that_was_read(world):
    """An affiliate cannot; what was changed meanwhile is not approved."""
    made = world.alice.make("postbacks", name="Pixel", delivery="html", body="<b>{sub1}</b>")
    read = {"body": "<b>{sub1}</b>"}
    assert alice(world).post(f"/postbacks/{made['id']}/approve-html/", read).status_code == 403
    assert row(made).html_approved is False
    browser = bob(world)
    assert "Approve this HTML" in browser.text(f"/manage/postbacks/{made['id']}/")
    address = f"/manage/postbacks/{made['id']}/approve-html/"
    assert browser.post(address, {"body": "<b>other</b>"}).status_code == 409
    assert row(made).html_approved is False
    assert browser.post(address, read).status_code == 302
    assert row(made).html_approved is True


def test_a_manager_recovers_several_since_a_time(world):
    """After an outage: the ticked ones are enabled; an affiliate may not."""
    broken = [world.make_postback(name=name) for name in ("One", "Two", "Three")]
    for each in broken:
        disable(each["id"])
    page = bob(world).text("/manage/postbacks/?state=disabled")
    assert "Enable the ticked ones" in page
    ids = [each["id"] for each in broken[:2]]
    assert alice(world).post("/postbacks/recover/", {"ids": ids}).status_code == 403
    assert [state(world, each) for each in broken] == ["disabled"] * 3
    from tests.portals.browsing import Browser

    manager = Browser("bob2@example.com")
    manager.post("/manage/postbacks/recover/", {"ids": ids, "resume_since": "2026-01-01T00:00"})
    assert [state(world, each) for each in broken] == ["active", "active", "disabled"]


def test_charlie_sees_and_does_nothing_with_what_is_alices(world):
    """404 everywhere, and nothing happens."""
    made = world.make_postback()
    disable(made["id"])
    convert(world)
    before, browser = row(made), charlie(world)
    assert browser.get(f"/postbacks/{made['id']}/").status_code == 404
    for action in ("test", "enable", "pause", "delete", "backfill"):
        assert browser.post(f"/postbacks/{made['id']}/{action}/", {"all": ""}).status_code == 404, action
    after = row(made)
    assert (after.enabled, after.archived_at, after.updated_at) == (True, None, before.updated_at)
    assert state(world, made) == "disabled"
    assert [each.state for each in deliveries()] == ["open"]
    assert made["id"] not in browser.text("/postbacks/")


def test_without_postbacks_enabled_nothing_is_shown_or_done(world):
    """403 on every address, and it stays as it is."""
    made = world.make_postback()
    without_postbacks(world)
    browser = alice(world)
    for path in ("", f"{made['id']}/"):
        assert browser.get(f"/postbacks/{path}").status_code == 403, path
    for action in ("test", "enable", "pause", "delete", "backfill"):
        assert browser.post(f"/postbacks/{made['id']}/{action}/").status_code == 403, action
    assert (row(made).enabled, row(made).archived_at) == (True, None)


def test_the_list_as_a_file(world):
    """One line a postback; a name cannot become a formula."""
    world.make_postback(name="=1+1")
    answer = alice(world).get("/postbacks/?format=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    lines = text.strip().splitlines()
    assert len(lines) == 2
    assert ",=1+1," not in lines[1]


def test_the_pages_keep_to_their_number_of_queries(world, queries):
    """However many postbacks and deliveries there are."""
    for number in range(5):
        world.make_postback(name=f"Tracker {number}")
    for _ in range(3):
        convert(world)
    made = world.make_postback(name="One")
    browser, manager = alice(world), bob(world)
    queries("postbacks", lambda: browser.text("/postbacks/"))
    queries("postbacks of managers", lambda: manager.text("/manage/postbacks/"))
    queries("postback", lambda: browser.text(f"/postbacks/{made['id']}/"))
    queries("postback-edit", lambda: browser.text(f"/postbacks/{made['id']}/edit/"))
    queries("postback-new", lambda: browser.text("/postbacks/new/?tracker=keitaro"))
    queries("overview", lambda: browser.text("/"))
    queries("offers", lambda: browser.text("/offers/"))
    queries("links", lambda: browser.text("/links/"))
