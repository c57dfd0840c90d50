"""A manager changes the status of a conversion; postbacks fire as they do for a report."""

from __future__ import annotations

import pytest

from tests.console.traffic import convert


@pytest.fixture
def pending(world) -> str:
    """A conversion of Alice's that waits for Bob."""
    world.make_postback(statuses=["approved", "rejected"])
    return convert(world, status="pending")


def change(world, conversion_id, status, reason=None, person=None):
    """Change a status as Bob, or as somebody else."""
    body = {"status": status} | ({"reason": reason} if reason else {})
    return (person or world.bob).post(f"conversions/{conversion_id}/status", body)


def test_approving_fires_the_postback_and_wakes_the_worker(world, pending):
    """The transition says who and why; the delivery is there; nothing had fired for pending."""
    assert world.alice.get("deliveries").ids == []
    woken = world.bus.notified
    answer = change(world, pending, "approved", "checked")
    assert (answer.status, answer.json["status"]) == (200, "approved")
    last = answer.json["transitions"][-1]
    assert (last["from"], last["to"], last["reason"]) == ("pending", "approved", "checked")
    assert last["by"].startswith("key Bob's")
    assert len(world.alice.get("deliveries?state=pending").ids) == 1
    assert world.bus.notified == woken + 1


def test_alice_is_told_the_reason_and_not_whose_key_it_was(world, pending):
    """She reads that a manager did it."""
    change(world, pending, "rejected", "a copy of another one")
    last = world.alice.see(f"conversions/{pending}")["transitions"][-1]
    assert (last["by"], last["reason"]) == ("manager", "a copy of another one")


def test_the_same_status_again_changes_nothing(world, pending):
    """Bob clicks twice."""
    change(world, pending, "approved")
    again = change(world, pending, "approved")
    assert (again.status, len(again.json["transitions"])) == (200, 2)
    assert len(world.alice.get("deliveries").ids) == 1


def test_a_manager_may_take_a_rejection_back(world, pending):
    """Coming back to a status fires again."""
    change(world, pending, "rejected")
    assert change(world, pending, "approved").json["status"] == "approved"
    assert len(world.alice.get("deliveries").ids) == 2


def test_a_change_outside_the_table_is_refused(world, pending):
    """What was refunded stays so; nothing is stored."""
    change(world, pending, "refunded")
    answer = change(world, pending, "approved")
    assert (answer.status, answer.code) == (409, "status_change_not_allowed")
    assert world.bob.see(f"conversions/{pending}")["status"] == "refunded"


def test_an_unknown_status_is_refused(world, pending):
    """And so is none."""
    assert change(world, pending, "won").pointers == ["/status"]
    assert world.bob.post(f"conversions/{pending}/status", {}).pointers == ["/status"]


def test_alice_approves_nothing(world, pending):
    """Not even her own; and nothing happens."""
    answer = change(world, pending, "approved", person=world.alice)
    assert (answer.status, answer.code) == (403, "managers_only")
    assert world.bob.see(f"conversions/{pending}")["status"] == "pending"
    assert world.alice.get("deliveries").ids == []


def test_a_report_that_comes_in_between_makes_it_be_decided_again(world, pending, monkeypatch):
    """The conversion changed after Bob's request had read it: it is read again, and both changes stand."""
    from redound.console import changing

    decide, interfered = changing.decide_change, []

    def late(conversion, *args):
        if not interfered:
            interfered.append(True)
            monkeypatch.setattr(changing, "decide_change", decide)
            from tests.console.traffic import bump

            bump(conversion.id)
        return decide(conversion, *args)

    monkeypatch.setattr(changing, "decide_change", late)
    answer = change(world, pending, "approved")
    assert (answer.status, answer.json["status"]) == (200, "approved")
    assert len(answer.json["transitions"]) == 2
    assert len(world.alice.get("deliveries").ids) == 1
