"""Sending many deliveries again over the API, and giving one up."""

from __future__ import annotations

import pytest

from tests.console.traffic import attempt, convert


@pytest.fixture
def spawned(monkeypatch) -> list[str]:
    """The jobs for which a process was begun; here they run when the test says so."""
    from redound.console.jobs import starting

    found: list[str] = []
    monkeypatch.setattr(starting, "_spawn", found.append)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return found


@pytest.fixture
def failed(world) -> list[str]:
    """Three deliveries of Alice's that failed, and one that got through."""
    from redound.console.traffic.models import Delivery

    world.make_postback()
    made = [Delivery.objects.get(conversion_id=convert(world)).id for _ in range(4)]
    for each, status in zip(made, (500, 500, 500, 200), strict=True):
        attempt(each, status=status)
    return made[:3]


def due() -> set[str]:
    """What waits to be sent."""
    from redound.console.traffic.models import Due

    return set(Due.objects.values_list("pk", flat=True))


def test_without_a_word_it_only_counts(world, failed, spawned):
    """`dry_run` is the default; without a state what failed is meant."""
    answer = world.bob.post("deliveries/retry")
    assert (answer.status, answer.json["count"], answer.json["job"]) == (200, 3, None)
    assert (due(), spawned) == (set(), [])


def test_a_job_sends_them_and_is_followed(world, failed, spawned):
    """It answers with the job, which tells how far it is."""
    from redound.console.jobs.running import run

    answer = world.bob.post("deliveries/retry", {"filter": {"offer_id": world.offer}, "dry_run": False})
    assert (answer.status, answer.json["count"]) == (202, 3)
    job = answer.json["job"]
    assert answer.headers["Location"] == f"/api/v1/deliveries/retry/{job['id']}"
    assert world.bob.see(f"deliveries/retry/{job['id']}")["state"] == "running"
    run(spawned[0])
    ended = world.bob.see(f"deliveries/retry/{job['id']}")
    assert (ended["state"], ended["done"], ended["retried"], ended["refused"]) == ("done", 3, 3, 0)
    assert due() == set(failed)


def test_a_stopped_job_sends_no_more(world, failed, spawned):
    """What was sent is not taken back; here nothing was yet."""
    from redound.console.jobs.running import run

    job = world.bob.post("deliveries/retry", {"dry_run": False}).json["job"]["id"]
    stopped = world.bob.post(f"deliveries/retry/{job}/stop")
    assert (stopped.status, stopped.json["state"]) == (200, "cancelled")
    run(spawned[0])
    assert due() == set()
    assert world.bob.post(f"deliveries/retry/{job}/stop").code == "job_ended"


def test_the_rate_is_capped(world, failed, spawned):
    """A piece lasts as long as its rows may take, whatever the filter finds."""
    from redound.console import runtime
    from redound.console.accounts.callers import Caller
    from redound.console.jobs.deliveries import Retry

    rests: list[float] = []
    piece = Retry(rests.append).piece({"filter": {}, "until_id": "~"}, Caller("Bob"), "", dry_run=False)
    assert piece.rows == 3
    assert rests == [3 / runtime.settings().resume_per_second]


def test_nothing_to_send_makes_no_job(world, spawned):
    """The count says so."""
    answer = world.bob.post("deliveries/retry", {"dry_run": False})
    assert (answer.status, answer.json["count"], answer.json["job"]) == (200, 0, None)


def test_paging_is_no_filter(world):
    """A misunderstanding that would leave rows out."""
    answer = world.bob.post("deliveries/retry", {"filter": {"limit": 5}})
    assert answer.status == 422


def test_affiliates_send_one_at_a_time(world, failed, spawned):
    """Neither a job nor its progress is theirs."""
    job = world.bob.post("deliveries/retry", {"dry_run": False}).json["job"]["id"]
    assert world.alice.post("deliveries/retry").code == "managers_only"
    assert world.alice.get(f"deliveries/retry/{job}").status == 403
    assert world.alice.post(f"deliveries/{failed[0]}/retry").status == 200


def test_alice_gives_a_delivery_up(world):
    """It ends as somebody wanted it; Charlie cannot."""
    from redound.console.traffic.models import Delivery

    world.make_postback()
    sent = Delivery.objects.get(conversion_id=convert(world)).id
    assert world.charlie.post(f"deliveries/{sent}/cancel").status == 404
    assert Delivery.objects.get(pk=sent).state == "open"
    ended = world.alice.post(f"deliveries/{sent}/cancel")
    assert (ended.status, ended.json["state"], ended.json["ended_because"]) == (200, "cancelled", "by_hand")
    assert due() == set()
    assert world.alice.post(f"deliveries/{sent}/cancel").code == "not_cancellable"


def test_what_is_being_sent_cannot_be_given_up(world):
    """Its attempt is on the wire."""
    from django.db import connection

    from redound.console.clock import now_ms
    from redound.console.traffic.models import Delivery

    world.make_postback()
    sent = Delivery.objects.get(conversion_id=convert(world)).id
    with connection.cursor() as cursor:
        cursor.execute("UPDATE due SET lease = 'worker', at = %s", [now_ms() + 60_000])
    assert world.alice.post(f"deliveries/{sent}/cancel").code == "not_cancellable"
    assert sent in due()
