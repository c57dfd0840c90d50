"""A manager changes many conversions at once: first counted, then done; and takes a change back."""

from __future__ import annotations

import dataclasses

import pytest

from tests.console.traffic import attempt, bump, convert, disable


@pytest.fixture
def pending(world) -> list[str]:
    """Three conversions of Alice's that wait for Bob, oldest first."""
    world.postback = world.make_postback(statuses=["approved", "rejected"])["id"]
    return [convert(world, status="pending") for _ in range(3)]


@pytest.fixture
def delayed(bus, monkeypatch):
    """What a manager does is sent a minute later."""
    from redound.console import runtime

    settings = dataclasses.replace(runtime.settings(), manual_delay_seconds=60)
    runtime.start(settings, bus)


def bulk(world, person=None, **body):
    """Change many as Bob, or as somebody else."""
    return (person or world.bob).post("conversions/status", body)


def counts(answer):
    """Matched, changed, unchanged, refused and postbacks."""
    assert answer.status == 200, answer.json
    names = ("matched", "changed", "unchanged", "refused_count", "postbacks")
    return tuple(answer.json[name] for name in names)


def statuses(world, ids):
    """The statuses of these conversions."""
    return [world.bob.see(f"conversions/{each}")["status"] for each in ids]


def test_bob_sees_how_many_postbacks_will_fire_before_anything_changes(world, pending):
    """A dry run counts and stores nothing; no worker is woken."""
    woken = world.bus.notified
    answer = bulk(world, ids=pending, status="approved", dry_run=True)
    assert counts(answer) == (3, 3, 0, 0, 3)
    assert statuses(world, pending) == ["pending"] * 3
    assert world.alice.get("deliveries").ids == []
    assert world.bus.notified == woken


def test_what_was_counted_is_what_happens(world, pending):
    """Each conversion has its transition with the reason, and its delivery."""
    answer = bulk(world, ids=pending, status="rejected", reason="fraud")
    assert counts(answer) == (3, 3, 0, 0, 3)
    for each in pending:
        last = world.bob.see(f"conversions/{each}")["transitions"][-1]
        assert (last["from"], last["to"], last["reason"]) == ("pending", "rejected", "fraud")
    assert len(world.alice.get("deliveries?state=pending").ids) == 3


def test_a_filter_finds_them_as_the_list_does(world, pending):
    """Everything of Alice's that is pending; Charlie's is left alone."""
    charlies = convert(world, world.charlies_link, status="pending")
    wanted = {"affiliate_id": world.alice_id, "status": "pending"}
    assert counts(bulk(world, filter=wanted, status="approved")) == (3, 3, 0, 0, 3)
    assert statuses(world, [*pending, charlies]) == ["approved"] * 3 + ["pending"]
    assert counts(bulk(world, filter=wanted, status="approved")) == (0, 0, 0, 0, 0)


def test_what_cannot_be_changed_stays_and_is_named(world, pending):
    """One was refunded, one is approved already."""
    first, second, third = pending
    for each, status in ((first, "refunded"), (second, "approved")):
        world.bob.post(f"conversions/{each}/status", {"status": status})
    answer = bulk(world, ids=pending, status="approved")
    assert counts(answer) == (3, 1, 1, 1, 1)
    (refused,) = answer.json["refused"]
    assert refused["id"] == first
    assert "refunded" in refused["detail"]
    assert statuses(world, [third]) == ["approved"]


def test_deliveries_of_a_disabled_postback_are_counted_as_parked(world, pending):
    """Bob is not told that they will be sent."""
    disable(world.postback)
    answer = bulk(world, ids=pending, status="approved", dry_run=True)
    assert (answer.json["postbacks"], answer.json["parked"]) == (3, 3)


def test_more_than_a_request_takes_goes_on_by_cursor(world, pending, monkeypatch):
    """Two at a time: the second request takes the rest."""
    from redound.console.records import conversion_changes

    monkeypatch.setattr(conversion_changes, "MOST", 2)
    body = {"filter": {"affiliate_id": world.alice_id}, "status": "approved"}
    first = bulk(world, **body)
    assert (counts(first)[1], first.json["has_more"]) == (2, True)
    second = bulk(world, **body, cursor=first.json["next_cursor"])
    assert (counts(second)[1], second.json["has_more"]) == (1, False)
    assert statuses(world, pending) == ["approved"] * 3


def test_ids_and_filter_exclude_each_other(world, pending):
    """And one of them there must be; a filter that does not exist would match all."""
    assert bulk(world, status="approved").status == 422
    assert bulk(world, ids=pending, filter={}, status="approved").status == 422
    assert bulk(world, filter={"afiliate_id": "x"}, status="approved").status == 422
    assert bulk(world, filter={"limit": 5}, status="approved").status == 422
    assert bulk(world, ids=[], status="approved").status == 422
    assert statuses(world, pending) == ["pending"] * 3


def test_an_unknown_conversion_is_named_and_nothing_changes(world, pending):
    """The second of the list does not exist."""
    strange = f"cnv_{'0' * 28}"
    answer = bulk(world, ids=[pending[0], strange], status="approved")
    assert (answer.status, answer.pointers) == (422, ["/ids/1"])
    assert statuses(world, pending) == ["pending"] * 3


def test_alice_changes_nothing_in_bulk(world, pending):
    """Not even her own; and nothing happens."""
    answer = bulk(world, world.alice, ids=pending, status="approved")
    assert (answer.status, answer.code) == (403, "managers_only")
    assert statuses(world, pending) == ["pending"] * 3


def test_a_report_in_between_is_no_obstacle(world, pending, monkeypatch):
    """One of them changed after it was read: it is read again, and all are changed."""
    from redound.console import bulk as bulk_module

    decide, interfered = bulk_module.decide_change, []

    def late(conversion, *args):
        if conversion.id == pending[1] and not interfered:
            interfered.append(True)
            bump(conversion.id)
        return decide(conversion, *args)

    monkeypatch.setattr(bulk_module, "decide_change", late)
    assert counts(bulk(world, ids=pending, status="approved")) == (3, 3, 0, 0, 3)
    assert len(world.alice.get("deliveries").ids) == 3


def test_a_repeated_request_with_the_same_key_is_answered_and_not_done_again(world, pending):
    """Bob's browser sent it twice."""
    body = {"ids": pending, "status": "approved"}
    first = world.bob.post("conversions/status", body, Idempotency_Key="once")
    again = world.bob.post("conversions/status", body, Idempotency_Key="once")
    assert counts(first) == counts(again) == (3, 3, 0, 0, 3)


# Undo


def undo(world, conversion_id, person=None, **body):
    """Undo as Bob, or as somebody else."""
    return (person or world.bob).post(f"conversions/{conversion_id}/undo", body or None)


def change(world, conversion_id, status):
    """Change a status as Bob."""
    answer = world.bob.post(f"conversions/{conversion_id}/status", {"status": status})
    assert answer.status == 200, answer.json


@pytest.mark.usefixtures("delayed")
def test_a_delayed_change_is_due_only_after_the_delay(world, pending):
    """Its delivery waits a minute; that of a bulk change too."""
    from redound.console.traffic.models import Due

    change(world, pending[0], "approved")
    bulk(world, ids=pending[1:], status="approved")
    rows = list(Due.objects.values_list("delivery_id", "at"))
    assert len(rows) == 3
    assert all(at - int(delivery_id[4:16], 16) in range(59_000, 61_000) for delivery_id, at in rows)


@pytest.mark.usefixtures("delayed")
def test_bob_takes_back_what_was_not_sent(world, pending):
    """The former status is there again, the delivery is cancelled, the history has both changes."""
    change(world, pending[0], "approved")
    answer = undo(world, pending[0], reason="the wrong one")
    assert (answer.status, answer.json["status"]) == (200, "pending")
    told = [(each["from"], each["to"], each["reason"]) for each in answer.json["transitions"][1:]]
    assert told == [("pending", "approved", None), ("approved", "pending", "the wrong one")]
    (delivery,) = world.alice.get("deliveries").json["data"]
    assert (delivery["state"], delivery["ended_because"]) == ("cancelled", "undone")


@pytest.mark.usefixtures("delayed")
def test_what_fires_once_for_a_conversion_may_fire_after_an_undo(world):
    """Bob approves after all: the cancelled delivery does not stand in the way."""
    world.make_postback(statuses=["approved"], status_mode="once")
    conversion = convert(world, status="pending")
    change(world, conversion, "approved")
    undo(world, conversion)
    change(world, conversion, "approved")
    states = [each["state"] for each in world.alice.get("deliveries").json["data"]]
    assert states == ["pending", "cancelled"]


def test_what_was_sent_is_not_undone(world, pending):
    """Alice's tracker knows already; nothing changes."""
    change(world, pending[0], "approved")
    (delivery,) = world.alice.get("deliveries").ids
    attempt(delivery)
    answer = undo(world, pending[0])
    assert (answer.status, answer.code) == (409, "already_sent")
    assert statuses(world, pending[:1]) == ["approved"]


def test_what_is_being_sent_is_not_undone(world, pending):
    """A worker holds it at this moment; nothing of the undo stays."""
    from redound.store.plans.steps import Step
    from tests.console.traffic import perform

    change(world, pending[0], "approved")
    (delivery,) = world.alice.get("deliveries").ids
    perform([Step("lease_due", (delivery, "node:1", 9_999_999_999_999))])
    assert undo(world, pending[0]).code == "already_sent"
    assert statuses(world, pending[:1]) == ["approved"]
    assert len(world.bob.see(f"conversions/{pending[0]}")["transitions"]) == 2


def test_there_is_nothing_to_undo_in_what_a_report_did(world, pending):
    """And an undo is not undone."""
    assert undo(world, pending[0]).code == "nothing_to_undo"
    change(world, pending[0], "approved")
    assert undo(world, pending[0]).status == 200
    assert undo(world, pending[0]).code == "nothing_to_undo"


def test_an_undone_delivery_is_not_sent_by_hand(world, pending):
    """Alice cannot retry what was never owed."""
    change(world, pending[0], "approved")
    undo(world, pending[0])
    (delivery,) = world.alice.get("deliveries").ids
    answer = world.alice.post(f"deliveries/{delivery}/retry")
    assert (answer.status, answer.code) == (409, "not_retriable")
    assert "undone" in answer.json["detail"]


def test_alice_undoes_nothing(world, pending):
    """It is the manager's change."""
    change(world, pending[0], "approved")
    assert undo(world, pending[0], world.alice).code == "managers_only"
    assert undo(world, f"cnv_{'0' * 28}").status == 404
    assert statuses(world, pending[:1]) == ["approved"]
