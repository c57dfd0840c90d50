"""Traces of callbacks that were answered: every kind of no, also those that come as a 2xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.examples import LOGIN, PAGE, WALL
from tests.journeys.tracing import ONCE, convert, told
from tests.receiver import Answer, redirect

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def answers(tracker: Receiver) -> list[tuple[str, Answer]]:
    """What a tracker may say → how it is explained."""
    html = (("Content-Type", "text/html"),)
    return [
        ("redirect_to_https", redirect(tracker.url("/").replace("http://", "https://"))),
        ("login_page", redirect("/login")),
        ("redirected", redirect("http://elsewhere.example.com/")),
        ("key_refused", Answer(status=401, body=b"no")),
        ("forbidden", Answer(status=403, body=b"no")),
        ("blocked_by_firewall", Answer(status=403, body=WALL.encode(), headers=html)),
        ("path_not_found", Answer(status=404, body=b"nothing here")),
        ("click_unknown_to_tracker", Answer(status=404, body=b"Click ID not found")),
        ("method_not_allowed", Answer(status=405, body=b"")),
        ("rate_limited", Answer(status=429, body=b"")),
        ("receiver_error", Answer(status=503, body=b"")),
        ("request_refused", Answer(status=400, body=b"payout?")),
        ("click_unknown_to_tracker", Answer(body=b'SubID not found "tracker-click-1"')),
        ("answered_duplicate", Answer(body=b"duplicate")),
        ("answered_error", Answer(body=b'{"status":"error"}')),
        ("answered_with_page", Answer(body=PAGE.encode(), headers=html)),
        ("login_page", Answer(body=LOGIN.encode(), headers=html)),
        ("delivered", Answer(body=b'{"status":"ok","errors":[]}')),
    ]


def test_what_the_trackers_answer_means(bob: Client, scene: Scene, tracker: Receiver):
    """One conversion an answer; each is explained."""
    scene.postback(tracker.url("/?cid={sub1}&status={status}"), **ONCE)
    for code, answer in answers(tracker):
        tracker.always(answer)
        found = told(bob, convert(bob, scene), code)
        assert found["diagnosis"]["evidence"]["status"] == answer.status


def test_a_receiver_that_is_gone(bob: Client, scene: Scene, tracker: Receiver):
    """410 says more than that the postback is disabled."""
    tracker.always(Answer(status=410, body=b"gone"))
    scene.postback(tracker.url("/?cid={sub1}"))
    told(bob, convert(bob, scene), "receiver_gone")


def test_an_answer_without_the_wanted_words(bob: Client, scene: Scene, tracker: Receiver):
    """The postback's own rule on success."""
    tracker.always(Answer(body=b"queued"))
    scene.postback(tracker.url("/?cid={sub1}"), success={"body_contains": "OK"}, **ONCE)
    told(bob, convert(bob, scene), "answer_fails_rule")


def test_a_test_is_called_a_test(bob: Client, scene: Scene, tracker: Receiver):
    """It was delivered, and counts nowhere."""
    postback = scene.postback(tracker.url("/?cid={sub1}"))
    click = bob.click(scene.code, sub1="MYTEST123")
    reply = bob.api("POST", f"postbacks/{postback}/test", {"click_id": click})
    assert reply.status == 200, reply.body
    told(bob, reply.json["delivery_id"], "test_only")
