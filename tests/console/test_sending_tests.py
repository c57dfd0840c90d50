"""Sending a test of a postback: a marked delivery, the worker's attempt, and the answer that waits for it."""

from __future__ import annotations

import threading
import time

import pytest

from tests.console.traffic import a_worker_lives, attempt, convert, disable, open_click


@pytest.fixture
def worker(world):
    """A worker of one delivery: it sends the first test that it finds."""
    a_worker_lives()
    found: list[str] = []
    ended = threading.Event()

    def work() -> None:
        from django.db import connection

        from redound.console.traffic.models import Delivery

        while not ended.is_set():
            row = Delivery.objects.filter(test=True, state="open").first()
            if row is not None:
                found.append(row.id)
                attempt(row.id)
                break
            time.sleep(0.01)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield found
    ended.set()
    thread.join()


def values(delivery_id):
    """Return the frozen values of a delivery."""
    from redound.console.traffic.models import Delivery

    return Delivery.objects.get(pk=delivery_id).macro_values


def test_a_test_answers_with_its_attempt(world, worker):
    """With sample values, marked as a test; it wakes the worker and belongs to no conversion."""
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test")
    assert answer.status == 200, answer.json
    (delivery,) = worker
    assert (answer.json["delivery_id"], answer.json["response"]["status"]) == (delivery, 200)
    shown = world.alice.see(f"deliveries/{delivery}")
    assert (shown["test"], shown["conversion_id"], shown["click_id"]) == (True, None, None)
    assert values(delivery)["test"] == "1"
    assert values(delivery)["payout"]
    assert world.bus.notified > 0


def test_a_test_for_a_click_sends_that_clicks_values(world, worker):
    """Alice checks that her tracker knows the ID that it put into sub1."""
    click_id = open_click(world)
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test", {"click_id": click_id})
    assert answer.status == 200, answer.json
    sent = values(worker[0])
    assert (sent["click_id"], sent["sub1"], sent["goal"], sent["test"]) == (
        click_id,
        "TRACKER-1",
        "sale",
        "1",
    )
    assert "sub2" not in sent


def test_a_test_for_a_converted_click_sends_its_conversion(world, worker):
    """Real values, still marked."""
    from redound.console.traffic.models import Conversion

    click_id = Conversion.objects.get(pk=convert(world, txid="T-7")).click_id
    postback = world.make_postback(enabled=False)["id"]
    world.alice.post(f"postbacks/{postback}/test", {"click_id": click_id})
    sent = values(worker[0])
    assert (sent["txid"], sent["payout"], sent["test"]) == ("T-7", "12.00", "1")


def test_a_disabled_postback_is_tested_all_the_same(world, worker):
    """That is how one finds out whether it works again."""
    postback = world.make_postback()["id"]
    disable(postback)
    assert world.alice.post(f"postbacks/{postback}/test").status == 200


def test_a_click_of_somebody_else_is_no_click(world):
    """Alice gets nothing of Charlie's visitor, and nothing is sent."""
    a_worker_lives()
    click_id = open_click(world, world.charlies_link)
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test", {"click_id": click_id})
    assert (answer.status, answer.pointers) == (422, ["/click_id"])
    assert world.alice.get("deliveries").ids == []


def test_without_a_worker_the_answer_says_so(world):
    """Nothing is left to be sent later."""
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test")
    assert (answer.status, answer.code) == (503, "no_worker")
    assert world.alice.get("deliveries").ids == []


def test_a_worker_that_does_not_come_is_not_waited_for_for_ever(world, monkeypatch):
    """It died a moment ago: the test is cancelled, so that it does not come as a surprise."""
    from redound.console.postbacks import testing

    monkeypatch.setattr(testing, "MARGIN_SECONDS", -1.9)
    a_worker_lives()
    postback = world.make_postback()["id"]
    answer = world.alice.post(f"postbacks/{postback}/test")
    assert (answer.status, answer.code) == (503, "no_worker")
    (row,) = world.alice.see("deliveries")["data"]
    assert (row["state"], row["ended_because"]) == ("cancelled", "test_not_sent")
