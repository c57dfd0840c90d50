"""Bins over the API: made, changed, expired, deleted; and what they caught, for their owner alone."""

from __future__ import annotations

from redound.store.plans.steps import Step
from tests.console.traffic import perform


def catch(bin_id, number=1):
    """Have the edge store a request."""
    values = (f"brq_{number:028x}", bin_id, 1_760_000_000_000, "GET", "pb", "cid=1", '[["x-a","1"]]', "")
    perform([Step("add_bin_request", (*values, False, "203.0.113.7"))])


def test_alice_makes_a_bin_and_sees_what_it_caught(world):
    """Its URL is one of the tracking host; the newest request comes first."""
    made = world.alice.make("bins", status=500, delay_ms=1000, body="no")
    assert made["url"].startswith("http://track.test/bin/")
    assert (made["status"], made["delay_ms"], made["body"]) == (500, 1000, "no")
    assert made["affiliate_id"] == world.alice_id
    for number in (1, 2):
        catch(made["id"], number)
    caught = world.alice.see(f"bins/{made['id']}/requests")["data"]
    assert [row["id"][-1] for row in caught] == ["2", "1"]
    assert (caught[0]["query"], caught[0]["headers"]) == ("cid=1", [["x-a", "1"]])


def test_a_bin_is_changed_and_deleted(world):
    """With what it caught."""
    from redound.console.bins.models import BinRequest

    made = world.alice.make("bins")
    catch(made["id"])
    changed = world.alice.patch(f"bins/{made['id']}", {"status": 204})
    assert (changed.status, changed.json["status"], changed.json["body"]) == (200, 204, "OK")
    assert world.alice.delete(f"bins/{made['id']}").status == 204
    assert world.alice.get(f"bins/{made['id']}").status == 404
    assert not BinRequest.objects.exists()


def test_others_bins_do_not_exist(world):
    """Charlie sees nothing of Alice's, Bob all."""
    made = world.alice.make("bins")["id"]
    assert world.charlie.get("bins").ids == []
    assert world.charlie.get(f"bins/{made}/requests").status == 404
    assert world.charlie.delete(f"bins/{made}").status == 404
    assert world.bob.get("bins").ids == [made]


def test_a_bin_expires_and_is_forgotten(world):
    """The next new bin clears it away."""
    from redound.console.bins.models import Bin, BinRequest

    made = world.alice.make("bins")["id"]
    catch(made)
    Bin.objects.update(expires_at=1)
    assert world.alice.get(f"bins/{made}").status == 404
    world.bob.make("bins")
    assert Bin.objects.count() == 1
    assert not BinRequest.objects.exists()


def test_bins_are_bounded(world):
    """Twenty each, thirty seconds, a month, four thousand characters."""
    for body in (
        {"delay_ms": 30_001},
        {"status": 101},
        {"expires_in_hours": 721},
        {"body": "a" * 4097},
        {"affiliate_id": world.charlie_id},
    ):
        assert world.alice.post("bins", body).status == 422
    for _ in range(20):
        world.alice.make("bins")
    answer = world.alice.post("bins")
    assert (answer.status, answer.code) == (409, "too_many_bins")
    assert world.charlie.post("bins").status == 201
