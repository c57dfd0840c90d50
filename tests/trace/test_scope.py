"""Whose facts a trace tells: everything to Bob the manager, to Alice her own, to Charlie nothing of hers."""

from __future__ import annotations

import json

import pytest

from tests.console.traffic import attempt, open_click, report
from tests.trace.asking import code, trace


@pytest.fixture
def told(world):
    """Alice's postback was sent, and Bob's own beside it; Charlie has one too."""
    world.hers = world.make_postback(headers=[{"name": "X-Key", "value": "hers-secret", "secret": True}])
    world.bobs = world.bob.make(
        "postbacks", name="Books", url="http://127.0.0.1:9000/books?c={conversion_id}&r={revenue}",
        level="offer", include=[world.offer], headers=[{"name": "X-Key", "value": "s3cret", "secret": True}],
    )  # fmt: skip
    world.charlie.make("postbacks", name="Charlie's", url="http://127.0.0.1:9000/charlie?c={sub1}")
    world.click = open_click(world)
    world.decision = report(world.click, txid="T-1")
    world.sent = {each.postback_id: each.id for each in world.decision.deliveries}
    world.tries = {postback_id: attempt(each) for postback_id, each in world.sent.items()}
    return world


def every_question(told) -> list[str]:
    """All that leads to Alice's click."""
    hers = told.hers["id"]
    return [
        *(told.click, "TRACKER-1", "T-1", told.decision.outcome.conversion.id, told.sent[hers]),
        *(told.tries[hers], told.decision.incoming.report_id, told.decision.outcome.transition.id),
    ]


def test_bob_sees_both_postbacks(told):
    """A manager's trace leaves nothing out."""
    seen = trace(told.bob, told.click)
    assert {each["postback_id"] for each in seen["deliveries"]} == {told.hers["id"], told.bobs["id"]}
    assert {each["postback_id"] for each in seen["evaluations"]} == {told.hers["id"], told.bobs["id"]}
    assert seen["conversions"][0]["revenue"] == {"amount": "20.00", "currency": "EUR"}


def test_alice_sees_hers_alone(told):
    """No manager's postback, no revenue, no secrets; by whatever she asks."""
    for question in every_question(told):
        seen = trace(told.alice, question)
        assert seen["click"]["click_id"] == told.click, question
        assert {each["postback_id"] for each in seen["deliveries"]} == {told.hers["id"]}
        assert {each["postback_id"] for each in seen["evaluations"]} == {told.hers["id"]}
        assert {each["postback_id"] for each in seen["now"]} == {told.hers["id"]}
        assert seen["conversions"][0]["revenue"] is None
        assert seen["reports"][0]["advertiser_id"] is seen["reports"][0]["ip"] is None
        text = json.dumps(seen)
        for hidden in (told.bobs["id"], "Books", "20.00", "s3cret", "hers-secret", told.acme, "Charlie"):
            assert hidden not in text, (question, hidden)


def test_charlie_learns_nothing_of_hers(told):
    """Somebody else's is answered like what nobody knows."""
    for question in [*every_question(told), told.click[:24], told.sent[told.bobs["id"]]]:
        seen = trace(told.charlie, question)
        assert code(seen) == "nothing_known", question
        assert seen["click"] is None
        for part in ("reports", "conversions", "evaluations", "deliveries", "story", "now", "further"):
            assert seen[part] == [], (question, part)
        assert seen["query"]["id"] is seen["query"]["link_id"] is seen["query"]["made_at"] is None


def test_alice_does_not_learn_of_bobs_deliveries(told):
    """Nor by the ID of one."""
    bobs = told.bobs["id"]
    assert code(trace(told.alice, told.sent[bobs])) == "nothing_known"
    assert code(trace(told.alice, told.tries[bobs])) == "nothing_known"


def test_a_private_goal_is_private_in_a_trace_too(world):
    """Everflow: private events are not for partners; Alice sees a click for which nothing came."""
    world.make_goal(code="secret", private=True, payout="99.00")
    click = open_click(world)
    decision = report(click, goal="secret")
    seen = trace(world.alice, click)
    assert seen["conversions"] == seen["reports"] == seen["evaluations"] == []
    assert "secret" not in json.dumps(seen)
    assert code(trace(world.alice, decision.outcome.conversion.id)) == "nothing_known"
    assert len(trace(world.bob, click)["conversions"]) == 1


def test_who_may_not_use_postbacks_is_told_that_and_not_of_them(world):
    """ReferOn: what is not enabled is not shown."""
    postback = world.make_postback(name="Mine")
    world.bob.patch(f"affiliates/{world.alice_id}", {"postbacks_enabled": False})
    click = open_click(world)
    report(click)
    seen = trace(world.alice, click)
    assert code(seen) == "postbacks_not_enabled"
    assert postback["id"] not in json.dumps(seen)
    assert code(trace(world.bob, click)) == "postbacks_not_enabled"


def test_reports_that_are_nobodys_are_for_managers(world):
    """A report with the tracker's ID in place of ours: Bob is told, to Alice nothing was reported."""
    click = open_click(world, params={"sub1": "Tracker-Click-77"})
    report("Tracker-Click-77")
    assert code(trace(world.bob, click)) == "tracker_id_sent"
    assert code(trace(world.alice, click)) == "never_reported"
    assert code(trace(world.charlie, "Tracker-Click-77")) == "nothing_known"


def test_without_a_key_there_is_no_trace(world):
    """Nor a preview."""
    click = open_click(world)
    assert world.nobody.get(f"trace?q={click}").status == 401
    assert world.nobody.post("preview", {"click_id": click}).status == 401


def test_a_key_needs_the_scope(world):
    """A key for links does not read stories."""
    from tests.console.people import Person

    made = world.alice.make("api-keys", name="Links", scopes=["links:write"])
    assert Person("links", made["key"]).get("trace?q=x").code == "scope_missing"
