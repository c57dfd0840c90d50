"""Conversions in both portals: managers decide, affiliates look on, and what was promised is what is sent."""

from __future__ import annotations

import html
import re

import pytest

from tests.console.traffic import convert
from tests.portals.managing import alices, bobs, follow


@pytest.fixture
def pending(world) -> list[str]:
    """Three conversions of Alice's that wait for Bob, oldest first; her postback fires when he decides."""
    world.postback = world.make_postback(statuses=["approved", "rejected"])["id"]
    return [convert(world, status="pending") for _ in range(3)]


@pytest.fixture
def delayed(ours) -> None:
    """What a manager does is sent a minute later."""
    ours(manual_delay_seconds=60)


def statuses(world, ids):
    """The statuses of these conversions."""
    return [world.bob.see(f"conversions/{each}")["status"] for each in ids]


def sent(world):
    """How many deliveries there are."""
    return len(world.bob.see("deliveries")["data"])


def test_bob_sees_what_waits_for_him(world, pending):
    """Each conversion stands in the list with its affiliate, offer, goal and payout."""
    page = bobs(world).text("/manage/conversions/?status=pending")
    assert page.count('name="ids"') == 3
    for words in ("Alice", "Shoes", "Sale", "12.00 EUR"):
        assert words in page


def test_the_bar_says_what_is_selected_and_how_much_that_sends(world, pending):
    """Two conversions: their payouts added up, one affiliate, two postbacks."""
    answer = bobs(world).post("/manage/conversions/count/", {"ids": pending[:2]})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "2 selected" in text
    assert "24.00 EUR" in text
    assert "approving sends 2 postbacks" in text
    assert 'name="promised-approved" value="2"' in text
    assert statuses(world, pending) == ["pending"] * 3


def test_a_bulk_approval_sends_the_number_of_postbacks_it_promised(world, pending):
    """The number of the bar is sent with the form; as many deliveries come of it, and the page says so."""
    bob = bobs(world)
    answer = bob.post(
        "/manage/conversions/change/", {"ids": pending[:2], "status": "approved", "promised-approved": "2"}
    )
    assert "2 conversions are now: Approved. 2 postbacks are sent for it." in follow(bob, answer)
    assert statuses(world, pending) == ["approved", "approved", "pending"]
    assert sent(world) == 2


def test_without_a_number_bob_is_asked_first(world, pending):
    """No JavaScript, no bar: the page between says how many postbacks; then it is done."""
    bob = bobs(world)
    answer = bob.post("/manage/conversions/change/", {"ids": pending, "status": "approved"})
    assert answer.status_code == 200
    assert "3 postbacks will be sent" in answer.content.decode()
    assert statuses(world, pending) == ["pending"] * 3
    answer = bob.post(
        "/manage/conversions/change/",
        {"ids": pending, "status": "approved", "promised": "3", "confirmed": "1"},
    )
    assert answer.status_code == 302
    assert statuses(world, pending) == ["approved"] * 3


def test_another_number_than_promised_is_asked_about_again(world, pending):
    """A postback was added meanwhile: nothing changes before Bob has seen the new number."""
    world.make_postback(name="Second", statuses=["approved"])
    answer = bobs(world).post(
        "/manage/conversions/change/",
        {"ids": pending, "status": "approved", "promised": "3", "confirmed": "1"},
    )
    text = answer.content.decode()
    assert "Something changed since you were told a number" in text
    assert "6 postbacks will be sent" in text
    assert statuses(world, pending) == ["pending"] * 3
    assert sent(world) == 0


def test_a_rejection_needs_a_reason_which_alice_reads(world, pending):
    """Without one the page asks for it; with one it stands in Alice's history."""
    bob, alice = bobs(world), alices(world)
    form = {"ids": pending[:1], "status": "rejected", "promised": "1", "confirmed": "1"}
    assert "Say why" in bob.post("/manage/conversions/change/", form).content.decode()
    assert statuses(world, pending[:1]) == ["pending"]
    assert bob.post("/manage/conversions/change/", {**form, "reason": "Two accounts"}).status_code == 302
    page = alice.text(f"/conversions/{pending[0]}/")
    assert "Two accounts" in page
    assert "Rejected" in page


def test_bob_takes_it_back_before_it_is_sent(world, pending, delayed):
    """Within the delay the list offers to undo; the conversions wait again and nothing is sent."""
    bob = bobs(world)
    form = {"ids": pending, "status": "approved", "promised-approved": "3"}
    page = follow(bob, bob.post("/manage/conversions/change/", form))
    assert "/manage/conversions/undo/" in page
    page = follow(bob, bob.post("/manage/conversions/undo/"))
    assert "3 changes were undone." in page
    assert statuses(world, pending) == ["pending"] * 3
    assert {each["state"] for each in world.bob.see("deliveries")["data"]} == {"cancelled"}


def test_a_conversion_tells_what_became_of_it(world, pending):
    """Its page: what each status would send, then the change, who fired, and the delivery."""
    bob = bobs(world)
    path = f"/manage/conversions/{pending[0]}/"
    page = bob.text(path)
    assert "1 postback will be sent" in page
    assert "Its statuses do not include this one" in page
    page = follow(bob, bob.post(f"{path}status/", {"status": "approved", "reason": "ok"}))
    assert "The status is now: Approved." in page
    assert re.search(r"Pending\s*→\s*Approved", page)
    assert world.bob.see("deliveries")["data"][0]["id"] in page


def test_alice_sees_her_payout_and_never_the_revenue(world, pending):
    """Neither in the list, with the column asked for, nor on the page, nor in the file."""
    alice = alices(world)
    found = [
        alice.text("/conversions/?cols=id,payout,revenue"),
        alice.text(f"/conversions/{pending[0]}/"),
        b"".join(alice.get("/conversions/?format=csv")).decode(),
    ]
    for text in found:
        assert "12.00" in text
        assert "20.00" not in text
    assert "evenue" not in "".join(found)


def test_charlies_conversions_do_not_exist_for_alice(world, pending):
    """Not in her list, and no page."""
    theirs = convert(world, world.charlies_link)
    alice = alices(world)
    assert theirs not in alice.text("/conversions/")
    assert alice.get(f"/conversions/{theirs}/").status_code == 404


@pytest.mark.parametrize("action", ["count", "change", "everything", "undo"])
def test_alice_changes_nothing(world, pending, action):
    """The managers' pages refuse her, and nothing happens."""
    form = {"ids": pending, "status": "approved", "promised": "3", "confirmed": "1", "query": "?"}
    assert alices(world).post(f"/manage/conversions/{action}/", form).status_code == 403
    assert statuses(world, pending) == ["pending"] * 3


def test_hostile_texts_are_shown_as_texts(world):
    """A sub ID, a transaction and a customer of an attacker's making run nothing."""
    bad = "<script>alert(1)</script>"
    made = convert(world, txid=bad, customer_id=bad, status="pending")
    bob = bobs(world)
    for path in ("/manage/conversions/?cols=id,txid,customer_id", f"/manage/conversions/{made}/"):
        page = bob.text(path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def test_bob_makes_a_conversion_by_hand(world):
    """A wrong goal is said beside the field; corrected it becomes a conversion with its reason."""
    from tests.console.traffic import open_click

    bob = bobs(world)
    form = {"click_id": open_click(world), "goal": "nosuch", "reason": "by telephone"}
    answer = bob.post("/manage/conversions/new/", form)
    assert answer.status_code == 200
    assert 'class="err"' in answer.content.decode()
    page = follow(bob, bob.post("/manage/conversions/new/", {**form, "goal": "sale"}))
    assert "by telephone" in page


def test_the_pages_keep_to_their_number_of_queries(world, pending, queries):
    """The list of an affiliate, and one conversion for the manager."""
    alice, bob = alices(world), bobs(world)
    queries("conversions", lambda: alice.text("/conversions/"))
    queries("conversion", lambda: bob.text(f"/manage/conversions/{pending[0]}/"))


def test_what_waits_is_found_however_much_came_after_it(world, pending, monkeypatch):
    """The windows are small here: the pending ones lie behind many that are approved, page by page."""
    from redound.console.pages.conversions import looking

    for name, value in {"WINDOW": 2, "PART": 2, "COUNTED": 2}.items():
        monkeypatch.setattr(looking, name, value)
    for _each in range(10):
        convert(world)
    bob = bobs(world)
    page = bob.text("/manage/conversions/?status=pending&limit=2")
    assert page.count('name="ids"') == 2
    assert re.search(r'Pending<span class="c num">3</span>', page)
    older = html.unescape(re.search(r'rel="next" href="([^"]*)"', page)[1])
    assert pending[0] in bob.text(older)
    narrowed = bob.text(f"/manage/conversions/?status=pending&affiliate_id={world.charlie_id}")
    assert 'name="ids"' not in narrowed
    assert "Look further back" in bob.text("/manage/conversions/?status=refunded")


def test_a_search_finds_ids_transactions_and_customers(world):
    """Each of them alone, and nothing of anybody else's."""
    made = convert(world, txid="ORDER-7", customer_id="C-9")
    convert(world, txid="ORDER-8")
    theirs = convert(world, world.charlies_link, txid="ORDER-9")
    alice = alices(world)
    click = world.bob.see(f"conversions/{made}")["click_id"]
    for text in (made, click, "ORDER-7", "C-9"):
        page = alice.text(f"/conversions/?q={text}")
        assert page.count("data-id=") == 1
        assert f'data-id="{made}"' in page
    assert f'data-id="{made}"' in alice.text("/conversions/?txid=ORDER-7")
    assert theirs not in alice.text("/conversions/?q=ORDER-9")
