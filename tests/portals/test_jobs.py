"""Jobs: everything that a filter finds is counted first, then done piece by piece, followed and stopped."""

from __future__ import annotations

import pytest

from tests.console.traffic import convert
from tests.portals.managing import alices, bobs, follow


@pytest.fixture
def spawned(monkeypatch) -> list[str]:
    """The jobs for which a process was begun; here they run when the test says so."""
    from redound.console.jobs import starting

    found: list[str] = []
    monkeypatch.setattr(starting, "_spawn", found.append)
    return found


@pytest.fixture
def pending(world) -> list[str]:
    """Five conversions of Alice's that wait for Bob."""
    world.make_postback(statuses=["approved"])
    return [convert(world, status="pending") for _ in range(5)]


def run(job_id: str) -> str:
    """Run a job as its process would; return how it ended."""
    from redound.console.jobs.running import run as run_job

    return run_job(job_id, rest=lambda _seconds: None).state


def statuses(world, ids):
    """The statuses of these conversions."""
    return {world.bob.see(f"conversions/{each}")["status"] for each in ids}


def begin(bob, query, status="approved"):
    """Ask for everything that a query finds; return the job's address."""
    form = {"status": status, "reason": "", "query": query}
    return bob.post("/manage/conversions/everything/", form)["Location"]


def test_everything_is_counted_before_anything_happens(world, pending, spawned):
    """The page says how many rows and postbacks; only then it is done, and as many are sent."""
    charlies = convert(world, world.charlies_link, status="pending")
    bob = bobs(world)
    path = begin(bob, f"?status=pending&affiliate_id={world.alice_id}")
    assert "Nothing is changed yet." in bob.text(path)
    assert run(spawned[0]) == "counted"
    page = bob.text(path)
    assert "5 rows are meant." in page
    assert "5 postbacks will be sent." in page
    assert statuses(world, pending) == {"pending"}
    later = convert(world, status="pending")
    assert bob.post(f"{path}confirm/").status_code == 302
    assert run(spawned[1]) == "done"
    assert "5 / 5" in bob.text(path)
    assert statuses(world, pending) == {"approved"}
    assert statuses(world, [charlies, later]) == {"pending"}
    assert len(world.bob.see("deliveries")["data"]) == 5


def test_it_goes_on_where_it_was_cut(world, pending, spawned, monkeypatch):
    """After the first piece the process dies; the next one does the rest, and nothing twice."""
    from redound.console.jobs import conversions
    from redound.console.jobs.models import Job

    monkeypatch.setattr(conversions, "AT_ONCE", 2)
    bob = bobs(world)
    path = begin(bob, "?status=pending")
    run(spawned[0])
    bob.post(f"{path}confirm/")

    def die(_seconds: float) -> None:
        raise KeyboardInterrupt

    from redound.console.jobs.running import run as run_job

    with pytest.raises(KeyboardInterrupt):
        run_job(spawned[0], rest=die)
    assert Job.objects.get().done == 2
    assert run(spawned[0]) == "running"  # the dead one still holds it
    Job.objects.update(seen_at=Job.objects.get().created_at.replace(year=2020))
    assert "Interrupted" in bob.text(path)
    assert run(spawned[0]) == "done"
    assert Job.objects.get().done == 5
    assert Job.objects.get().counts["changed"] == 5
    assert len(world.bob.see("deliveries")["data"]) == 5


def test_bob_stops_a_job_between_two_pieces(world, pending, spawned, monkeypatch):
    """What is done stays done, the rest is left alone."""
    from redound.console.jobs import conversions, starting
    from redound.console.jobs.models import Job
    from redound.console.jobs.running import run as run_job

    monkeypatch.setattr(conversions, "AT_ONCE", 2)
    bob = bobs(world)
    path = begin(bob, "?status=pending")
    run(spawned[0])
    bob.post(f"{path}confirm/")
    assert run_job(spawned[0], rest=lambda _seconds: starting.stop(Job.objects.get())).state == "cancelled"
    assert "Stopped" in bob.text(path)
    assert Job.objects.get().done == 4
    assert sorted(world.bob.see(f"conversions/{each}")["status"] for each in pending) == [
        *(["approved"] * 4),
        "pending",
    ]


def test_a_counted_job_can_be_left(world, pending, spawned):
    """Nothing is done, and it cannot be confirmed any more."""
    bob = bobs(world)
    path = begin(bob, "?status=pending")
    run(spawned[0])
    assert "Stopped" in follow(bob, bob.post(f"{path}stop/"))
    assert bob.post(f"{path}confirm/").status_code == 409
    assert statuses(world, pending) == {"pending"}
    assert len(spawned) == 1


def test_the_live_part_asks_again_only_while_something_moves(world, pending, spawned):
    """Htmx gets 200 while it runs and 286 afterwards."""
    bob = bobs(world)
    path = begin(bob, "?status=pending")
    headers = {"HX-Request": "true"}
    assert bob.get(path, headers=headers).status_code == 200
    run(spawned[0])
    answer = bob.get(path, headers=headers)
    assert answer.status_code == 286
    assert "<html" not in answer.content.decode()


def test_a_filter_that_cannot_be_read_begins_nothing(world, pending, spawned):
    """Otherwise it would mean everything."""
    bob = bobs(world)
    answer = bob.post("/manage/conversions/everything/", {"status": "approved", "query": "?status=nonsense"})
    assert answer["Location"] == "/manage/conversions/"
    assert spawned == []


def test_bobs_jobs_do_not_exist_for_alice(world, pending, spawned):
    """Neither in her list nor by their address."""
    path = begin(bobs(world), "?status=pending").removeprefix("/manage")
    alice = alices(world)
    assert alice.get(path).status_code == 404
    assert alice.post(f"{path}confirm/").status_code == 404
    assert "No jobs yet" in alice.text("/jobs/")
    assert spawned == [path.split("/")[2]]
