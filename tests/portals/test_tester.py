"""The tester as a page: link, click, conversion, postback, reply, control; all marked, none counted."""

from __future__ import annotations

import threading
import time

import pytest

from tests.console.traffic import a_worker_lives, open_click
from tests.portals.signed_in import HOSTILE, alice, bob, charlie, without_postbacks


@pytest.fixture
def tracker(world):
    """A worker before a tracker that is told what to say: (status, body) by the click ID that it is sent."""
    a_worker_lives()
    answers: dict[str, tuple[int, str]] = {}
    ended = threading.Event()

    def work() -> None:
        from django.db import connection

        from redound.console.traffic.models import Delivery
        from tests.console.traffic import attempt

        while not ended.is_set():
            row = Delivery.objects.filter(test=True, state="open", conversion_id="").first()
            if row is not None:
                status, body = answers.get(row.macro_values.get("sub1", ""), answers.get("*", (200, "OK")))
                attempt(row.id, status=status, body=body)
            time.sleep(0.01)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield answers
    ended.set()
    thread.join()


def test_alice_gets_a_link_with_a_value_that_she_will_recognise(world):
    """It is hers, with sub1 in it."""
    page = alice(world).text(f"/tester/?link={world.link}&value=MYTEST123")
    code = world.alice.see(f"links/{world.link}")["code"]
    assert f"http://track.test/c/{code}?sub1=MYTEST123" in page
    assert world.charlies_link not in page


def test_the_click_is_found_by_its_value_and_by_its_id(world):
    """A moment after it was opened; before that it says so."""
    browser = alice(world)
    assert "There is no click with this value yet" in browser.text("/tester/?q=MYTEST123")
    click = open_click(world, params={"sub1": "MYTEST123"})
    for text in ("MYTEST123", click):
        assert click in browser.text(f"/tester/?q={text}")


def test_a_test_conversion_fires_and_says_what_came_of_it(world):
    """Marked, delivered, and counted nowhere."""
    world.make_postback(name="Keitaro")
    click = open_click(world)
    browser = alice(world)
    answer = browser.post("/tester/conversion/", {"click": click, "goal": "sale", "amount": "30.00"})
    assert answer.status_code == 302
    page = browser.text(answer["Location"].split("#")[0])
    assert "What came of it" in page
    assert "Keitaro" in page
    assert "Fired" in page
    assert world.alice.get("conversions?test=false").ids == []
    assert len(world.alice.get("conversions?test=true").ids) == 1


def test_what_cannot_be_used_is_said_beside_its_field(world):
    """And what was typed stays."""
    click = open_click(world)
    answer = alice(world).post("/tester/conversion/", {"click": click, "goal": "sale", "amount": "a lot"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="a lot"' in page
    assert 'aria-invalid="true"' in page
    assert world.bob.get("conversions").ids == []


def test_nobody_tests_with_anothers_click(world):
    """It does not exist for Charlie, and nothing is made; Bob may."""
    click = open_click(world)
    assert charlie(world).post("/tester/conversion/", {"click": click}).status_code == 404
    assert world.bob.get("conversions").ids == []
    assert bob(world).post("/manage/tester/conversion/", {"click": click}).status_code == 302


def test_a_preview_shows_the_request_with_the_clicks_values(world):
    """Nothing is sent."""
    postback = world.make_postback(url="http://127.0.0.1:9000/?cid={sub1}")["id"]
    click = open_click(world, params={"sub1": "MYTEST123"})
    page = alice(world).text(f"/tester/?click={click}&postback={postback}")
    assert "http://127.0.0.1:9000/?cid=MYTEST123" in page
    assert world.alice.get("deliveries").ids == []


def test_a_test_is_sent_with_a_control_beside(world, tracker):
    """The tracker knows right from wrong: its words, what they mean, and the conclusion."""
    postback = world.make_postback(url="http://127.0.0.1:9000/?cid={sub1}")["id"]
    click = open_click(world, params={"sub1": "MYTEST123"})
    tracker["MYTEST123"] = (200, "OK")
    tracker["*"] = (404, "Click ID not found")
    form = {"click": click, "postback": postback, "control": "1"}
    page = alice(world).post("/tester/send/", form).content.decode()
    assert 'data-conclusion="tells_apart"' in page
    assert page.count("data-outcome=") == 2
    assert "Click ID not found" in page
    assert "The control, with a wrong click ID" in page


def test_without_a_worker_it_says_so(world):
    """And shows the page, not an error."""
    postback = world.make_postback()["id"]
    answer = alice(world).post("/tester/send/", {"postback": postback})
    assert answer.status_code == 503
    assert "no delivery worker is running" in answer.content.decode()


def test_nobody_sends_anothers_postback(world):
    """Alice's does not exist for Charlie."""
    a_worker_lives()
    postback = world.make_postback()["id"]
    browser = charlie(world)
    assert browser.post("/tester/send/", {"postback": postback}).status_code == 404
    assert "127.0.0.1:9000" not in browser.text(f"/tester/?postback={postback}")
    assert world.alice.get("deliveries").ids == []


def test_hostile_answers_stay_text(world, tracker):
    """A receiver may answer anything."""
    tracker["*"] = (500, HOSTILE)
    postback = world.make_postback(name=HOSTILE)["id"]
    page = alice(world).post("/tester/send/", {"postback": postback}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_who_has_no_postbacks_has_no_tester(world):
    """The page says whom to ask."""
    browser = alice(world)
    without_postbacks(world)
    answer = browser.get("/tester/")
    assert answer.status_code == 403
