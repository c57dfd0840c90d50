"""The trace as a page: the likely cause first, then the story, for those whose story it is."""

from __future__ import annotations

from urllib.parse import quote

from tests.console.traffic import attempt, convert, open_click, report
from tests.portals.signed_in import HOSTILE, alice, bob, charlie


def trace(browser, text: str, portal: str = "/") -> str:
    """Return the page about a text."""
    return browser.text(f"{portal}trace/?q={quote(text)}")


def test_alice_reads_why_her_tracker_said_no(world):
    """The cause with its code, the remedy, and every step down to the answer."""
    world.make_postback(name="Keitaro")
    conversion = convert(world, txid="T-1")
    (delivery,) = world.alice.get("deliveries").ids
    attempt(delivery, status=404, body="Click ID not found")
    page = trace(alice(world), conversion)
    assert page.index("Likely cause") < page.index("What happened")
    assert 'data-code="' in page
    assert "What to do:" in page
    assert "Click ID not found" in page
    assert "Keitaro" in page
    assert f'href="/deliveries/{delivery}/"' in page
    assert "TRACKER-1" in page


def test_any_id_or_value_leads_there(world):
    """The click, the tracker's own value, the transaction, the delivery."""
    world.make_postback()
    click = open_click(world)
    report(click, txid="T-9")
    (delivery,) = world.alice.get("deliveries").ids
    browser = alice(world)
    for text in (click, click.upper(), "TRACKER-1", "T-9", delivery):
        assert click in trace(browser, text)


def test_nothing_asked_shows_the_box_alone(world):
    """And what may be pasted."""
    page = alice(world).text("/trace/")
    assert 'name="q"' in page
    assert "Likely cause" not in page


def test_a_postback_that_did_not_fire_says_which_condition(world):
    """Wanted and found stand beside each other."""
    world.make_postback(name="Only refunds", statuses=["refunded"])
    page = trace(alice(world), convert(world))
    assert "Skipped" in page
    assert "Its statuses do not include this one" in page
    assert "Only refunds" in page
    assert "What would fire today" in page


def test_charlie_learns_nothing_of_alices(world):
    """Her click is nothing that is known."""
    world.make_postback(name="Keitaro")
    conversion = convert(world)
    page = trace(charlie(world), conversion)
    assert "Keitaro" not in page
    assert "TRACKER-1" not in page


def test_bob_sees_everybodys_in_his_portal(world):
    """With links into his own pages."""
    world.make_postback(name="Keitaro")
    conversion = convert(world)
    page = trace(bob(world), conversion, "/manage/")
    assert "Keitaro" in page
    assert f'href="/manage/conversions/{conversion}/"' in page


def test_hostile_text_stays_text(world):
    """In the question, in sub values, in what a receiver answers."""
    world.make_postback(name=HOSTILE)
    decision = report(open_click(world, params={"sub1": HOSTILE}))
    (delivery,) = world.alice.get("deliveries").ids
    attempt(delivery, status=500, body=HOSTILE)
    browser = alice(world)
    for text in (decision.outcome.conversion.id, HOSTILE):
        page = trace(browser, text)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_it_speaks_russian(world):
    """The sentences of the core and those of the page."""
    world.make_postback()
    page = trace(alice(world, language="ru"), convert(world))
    assert "Вероятная причина" in page
    assert "Likely cause" not in page


def test_a_stranger_is_led_to_sign_in(world):
    """Nobody traces without being somebody."""
    from tests.portals.browsing import Browser

    answer = Browser().get("/trace/?q=x")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]
