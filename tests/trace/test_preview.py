"""What would fire, and what it would send; nothing is stored."""

from __future__ import annotations

from tests.console.traffic import convert, open_click, report


def stored() -> list[int]:
    """Rows of all that a report makes."""
    from redound.console.traffic.models import Conversion, Delivery, Report, Transition

    return [model.objects.count() for model in (Report, Conversion, Transition, Delivery)]


def test_alice_sees_what_would_fire_and_what_it_would_send(world):
    """Her postback, its conditions, the request with its values; nothing is stored."""
    postback = world.make_postback(url="http://127.0.0.1:9000/pb?cid={sub1}&p={payout}")
    click = open_click(world)
    before = stored()
    seen = world.alice.post("preview", {"click_id": click}).json
    assert (seen["verdict"], seen["status"], seen["goal_id"]) == ("accepted", "approved", world.goal)
    assert seen["payout"] == {"amount": "12.00", "currency": "EUR"}
    [found] = seen["evaluations"]
    assert (found["postback_id"], found["fires"], found["reason"]) == (postback["id"], True, "fires")
    assert all(condition["met"] for condition in found["conditions"])
    assert found["request"]["url"] == "http://127.0.0.1:9000/pb?cid=TRACKER-1&p=12.00"
    assert stored() == before


def test_a_status_that_is_not_listed_says_so(world):
    """By GET as well."""
    world.make_postback()
    click = open_click(world)
    [found] = world.alice.see(f"preview?click_id={click}&status=pending")["evaluations"]
    assert (found["fires"], found["reason"], found["request"]) == (False, "status_not_listed", None)
    assert [each["name"] for each in found["conditions"] if not each["met"]] == ["statuses"]


def test_a_goal_is_named_by_code_or_id(world):
    """And an unknown one is refused as a report would be."""
    goal = world.make_goal(code="deposit", payout="3.00")
    click = open_click(world)
    for fields in ({"goal": "deposit"}, {"goal_id": goal}):
        assert world.alice.post("preview", {"click_id": click, **fields}).json["goal_id"] == goal
    seen = world.alice.post("preview", {"click_id": click, "goal": "nonsense"}).json
    assert (seen["verdict"], seen["evaluations"]) == ("unknown_goal", [])


def test_a_change_of_status_is_imagined_for_a_conversion(world):
    """What would a rejection send? Fired once is fired."""
    world.make_postback(statuses=["approved", "rejected"])
    once = world.make_postback(name="Once", statuses=["approved", "rejected"], status_mode="once")
    conversion = convert(world)
    seen = world.bob.post("preview", {"conversion_id": conversion, "status": "rejected"}).json
    assert {each["postback_id"]: each["reason"] for each in seen["evaluations"]}[
        once["id"]
    ] == "already_fired"
    assert sorted(each["fires"] for each in seen["evaluations"]) == [False, True]
    assert world.bob.post("preview", {"conversion_id": conversion}).pointers == ["/status"]
    refused = world.bob.post("preview", {"conversion_id": conversion, "status": "pending"}).json
    assert refused["verdict"] == "ignored_status"


def test_managers_postbacks_are_not_shown_to_alice(world):
    """Bob sees his own beside hers."""
    world.bob.make(
        *("postbacks",),
        name="Books", url="http://127.0.0.1:9000/?c={conversion_id}", level="offer", include=[world.offer],
    )  # fmt: skip
    click = open_click(world)
    assert world.alice.post("preview", {"click_id": click}).json["evaluations"] == []
    assert len(world.bob.post("preview", {"click_id": click}).json["evaluations"]) == 1


def test_another_ones_click_cannot_be_previewed(world):
    """Charlie is told that there is no such click."""
    click = open_click(world)
    conversion = report(click).outcome.conversion.id
    assert world.charlie.post("preview", {"click_id": click}).pointers == ["/click_id"]
    answer = world.charlie.post("preview", {"conversion_id": conversion, "status": "rejected"})
    assert answer.pointers == ["/conversion_id"]


def test_secrets_are_masked(world):
    """What a request would carry is shown without its credentials."""
    world.make_postback(auth={"type": "bearer", "token": "t0ken-of-alice"})
    click = open_click(world)
    answer = world.alice.post("preview", {"click_id": click})
    assert "t0ken-of-alice" not in str(answer.json)
    assert answer.json["evaluations"][0]["request"]["headers"]["Authorization"]


def test_a_strange_field_is_refused(world):
    """A typing mistake does not pass silently."""
    click = open_click(world)
    assert world.alice.post("preview", {"click_id": click, "staus": "approved"}).pointers == ["/staus"]
