"""Idempotency-Key: what is sent twice is done once."""

from __future__ import annotations

import threading
from datetime import timedelta


def brands(world) -> int:
    """Return how many brands there are."""
    return len(world.bob.see("brands")["data"])


def test_a_repeated_post_is_answered_again_and_not_done_again(world):
    """Bob's connection broke before the answer came, so he sends it once more."""
    body = {"name": "Acme Bet", "advertiser_id": world.acme}
    first = world.bob.post("brands", body, Idempotency_Key="one")
    second = world.bob.post("brands", body, Idempotency_Key="one")
    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert brands(world) == 2


def test_the_same_key_with_another_body_is_refused(world):
    """A key is for one request."""
    world.bob.post("brands", {"name": "One", "advertiser_id": world.acme}, Idempotency_Key="one")
    answer = world.bob.post("brands", {"name": "Two", "advertiser_id": world.acme}, Idempotency_Key="one")
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert brands(world) == 2


def test_a_key_is_the_askers_own(world):
    """Alice and Charlie may choose the same one."""
    for person in (world.alice, world.charlie):
        assert person.post("campaigns", {"name": "Winter"}, Idempotency_Key="one").status == 201


def test_a_refused_post_may_be_corrected_under_its_key(world):
    """Nothing was done, so nothing is repeated."""
    assert world.bob.post("brands", {"name": "One"}, Idempotency_Key="one").status == 422
    corrected = world.bob.post("brands", {"name": "One", "advertiser_id": world.acme}, Idempotency_Key="one")
    assert corrected.status == 201


def test_while_the_first_is_being_worked_on_the_second_is_refused(world):
    """Two requests at the same time; the second is told to wait."""
    from django.utils import timezone

    from redound.console.accounts.models import RepeatablePost

    body = {"name": "One", "advertiser_id": world.acme}
    world.bob.post("brands", body, Idempotency_Key="one")
    RepeatablePost.objects.update(finished_at=None, answer="", started_at=timezone.now())
    answer = world.bob.post("brands", body, Idempotency_Key="one")
    assert (answer.status, answer.code) == (409, "idempotency_in_progress")
    assert answer.headers["Retry-After"] == "1"
    assert brands(world) == 2


def test_a_post_that_died_half_way_may_be_sent_again(world):
    """The process was killed before it answered, and what it did was rolled back with it."""
    from django.utils import timezone

    from redound.console.accounts.models import RepeatablePost

    body = {"name": "One", "advertiser_id": world.acme}
    world.bob.post("brands", body, Idempotency_Key="one")
    long_ago = timezone.now() - timedelta(minutes=10)
    RepeatablePost.objects.update(finished_at=None, answer="", started_at=long_ago)
    assert world.bob.post("brands", body, Idempotency_Key="one").status == 201


def test_a_day_later_the_key_is_new(world):
    """It counts for 24 hours."""
    from django.utils import timezone

    from redound.console.accounts.models import RepeatablePost

    world.bob.post("brands", {"name": "One", "advertiser_id": world.acme}, Idempotency_Key="one")
    RepeatablePost.objects.update(started_at=timezone.now() - timedelta(hours=25))
    again = world.bob.post("brands", {"name": "Two", "advertiser_id": world.acme}, Idempotency_Key="one")
    assert again.status == 201
    assert brands(world) == 3


def test_a_new_api_key_is_not_kept_in_the_clear(world):
    """The answer that shows a key once is sealed while it may be repeated."""
    from redound.console.accounts.models import RepeatablePost

    body = {"name": "Mine"}
    first = world.bob.post("api-keys", body, Idempotency_Key="one")
    assert world.bob.post("api-keys", body, Idempotency_Key="one").json == first.json
    assert first.json["key"] not in RepeatablePost.objects.get().answer


def test_of_two_at_the_same_moment_one_is_done(world):
    """Two threads, one key: one brand, and the other asker is told to wait or gets the same answer."""
    body = {"name": "One", "advertiser_id": world.acme}
    answers = []

    def send() -> None:
        from django.db import connections

        answers.append(world.bob.post("brands", body, Idempotency_Key="one"))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert brands(world) == 2
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status == 201}) == 1
