"""The tester: a test conversion for a click, the preview of a postback, and what a test's reply means."""

from __future__ import annotations

import threading
import time

import pytest

from tests.console.traffic import a_worker_lives, convert, open_click


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
            row = Delivery.objects.filter(test=True, state="open").first()
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


def test_alice_fires_a_test_conversion_for_her_click(world):
    """Her postback fires, all of it is marked, and nothing is counted."""
    postback = world.make_postback()["id"]
    click_id = open_click(world)
    answer = world.alice.post(
        f"clicks/{click_id}/test-conversion", {"goal": "sale", "amount": "30.00", "txid": "T-1"}
    )
    assert answer.status == 201, answer.json
    made = answer.json["conversion"]
    assert (made["test"], made["status"], made["txid"]) == (True, "approved", None)
    (fired,) = answer.json["evaluations"]
    assert (fired["postback_id"], fired["fired"]) == (postback, True)
    (sent,) = answer.json["deliveries"]
    assert (sent["test"], sent["conversion_id"], sent["state"]) == (True, made["id"], "pending")
    (report,) = world.bob.see("reports")["data"]
    assert report["verdict"] == "test"
    assert world.alice.get("conversions?test=false").ids == []


def test_a_test_may_be_repeated_and_stands_in_no_ones_way(world):
    """The advertiser's real report of the same goal and txid is still accepted."""
    click_id = open_click(world)
    for _ in range(2):
        assert world.alice.post(f"clicks/{click_id}/test-conversion", {"txid": "T-1"}).status == 201
    from tests.console.traffic import report

    real = report(click_id, txid="T-1")
    assert real.outcome.verdict == "accepted"


def test_bob_tests_any_click_and_charlie_only_his_own(world):
    """A stranger's click does not exist."""
    click_id = open_click(world)
    assert world.bob.post(f"clicks/{click_id.upper()}/test-conversion").status == 201
    assert world.charlie.post(f"clicks/{click_id}/test-conversion").status == 404
    assert len(world.bob.get("conversions").ids) == 1


def test_what_cannot_be_used_is_named_and_nothing_stored(world):
    """An unknown goal, and an amount that is none."""
    click_id = open_click(world)
    answer = world.alice.post(f"clicks/{click_id}/test-conversion", {"goal": "nope"})
    assert (answer.status, answer.pointers) == (422, ["/goal"])
    answer = world.alice.post(f"clicks/{click_id}/test-conversion", {"amount": "a lot"})
    assert (answer.status, answer.pointers) == (422, ["/amount"])
    assert world.bob.get("reports").ids == []


def test_a_private_goal_does_not_exist_for_alice(world):
    """Bob may test it."""
    world.make_goal(code="secret", private=True)
    click_id = open_click(world)
    answer = world.alice.post(f"clicks/{click_id}/test-conversion", {"goal": "secret"})
    assert (answer.status, answer.pointers) == (422, ["/goal"])
    assert world.bob.post(f"clicks/{click_id}/test-conversion", {"goal": "secret"}).status == 201


def test_a_preview_shows_the_request_and_sends_nothing(world):
    """For a click its own values, for a conversion its own, else samples."""
    conversion = convert(world, txid="T-7")
    postback = world.make_postback(url="http://127.0.0.1:9000/?cid={sub1}&tx={txid}&s={sub9}")["id"]
    shown = world.alice.post(f"postbacks/{postback}/preview", {"conversion_id": conversion})
    assert shown.status == 200, shown.json
    assert shown.json["request"]["url"] == "http://127.0.0.1:9000/?cid=TRACKER-1&tx=T-7&s="
    assert shown.json["values"] == {"sub1": "TRACKER-1", "txid": "T-7", "sub9": ""}
    click = world.alice.post(f"postbacks/{postback}/preview", {"click_id": open_click(world)})
    assert "cid=TRACKER-1&tx=" in click.json["request"]["url"]
    assert world.alice.post(f"postbacks/{postback}/preview").json["request"]["method"] == "GET"
    assert world.alice.get("deliveries").ids == []


def test_a_preview_masks_secrets(world):
    """What is stored sealed is shown masked."""
    secret = {"name": "key", "value": "hush", "secret": True}
    postback = world.make_postback(params=[secret])["id"]
    shown = world.alice.post(f"postbacks/{postback}/preview")
    assert "hush" not in str(shown.json)
    assert "key=" in shown.json["request"]["url"]


def test_a_preview_is_for_ones_own_conversions(world):
    """Charlie's conversion does not exist for Alice."""
    postback = world.make_postback()["id"]
    conversion = convert(world, world.charlies_link)
    answer = world.alice.post(f"postbacks/{postback}/preview", {"conversion_id": conversion})
    assert (answer.status, answer.pointers) == (422, ["/conversion_id"])


def test_the_reply_comes_with_what_it_means(world, tracker):
    """A 200 whose words say no is no success."""
    tracker["*"] = (200, "Click ID not found")
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test", {"click_id": open_click(world)})
    assert answer.status == 200, answer.json
    assert answer.json["meanings"][0]["code"] == "click_unknown_to_tracker"
    assert answer.json["control"] is None


def test_the_meaning_comes_in_russian(world, tracker):
    """By Accept-Language, as in a trace."""
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test", Accept_Language="ru")
    assert answer.headers["Content-Language"] == "ru"
    assert any("а" <= letter <= "я" for letter in answer.json["meanings"][0]["text"])


@pytest.mark.parametrize(
    ("right", "wrong", "conclusion"),
    [
        ((200, "OK"), (404, "no such click"), "tells_apart"),
        ((200, "OK"), (200, "Click not found"), "tells_apart"),
        ((200, "OK"), (200, "OK"), "accepts_anything"),
        ((200, "saved 17"), (200, "queued"), "answers_differ"),
        ((403, "no"), (403, "no"), "refuses_both"),
        ((200, "duplicate"), (200, "OK"), "refuses_right"),
    ],
)
def test_the_control_tells_whether_the_tracker_knows_the_click(world, tracker, right, wrong, conclusion):
    """The same request with a wrong click ID; the answers are compared."""
    tracker |= {"TRACKER-1": right, "*": wrong}
    postback = world.make_postback()["id"]
    body = {"click_id": open_click(world), "control": True}
    answer = world.alice.post(f"postbacks/{postback}/test", body)
    assert answer.status == 200, answer.json
    control = answer.json["control"]
    assert (control["conclusion"], len(control["changed"]["sub1"])) == (conclusion, len("TRACKER-1"))
    assert control["changed"]["sub1"] != "TRACKER-1"
    assert {row["test"] for row in world.alice.see("deliveries")["data"]} == {True}


def test_without_a_click_id_there_is_no_control(world, tracker):
    """Only the test itself is sent."""
    postback = world.make_postback(url="http://127.0.0.1:9000/?status={status}")["id"]
    answer = world.alice.post(f"postbacks/{postback}/test", {"control": True})
    assert (answer.json["control"]["conclusion"], answer.json["control"]["attempt"]) == ("no_click_id", None)
    assert len(world.alice.get("deliveries").ids) == 1
