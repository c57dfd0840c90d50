"""The checklist of a postback: each step from what is stored, in both languages, with whom to ask."""

from __future__ import annotations

from tests.console.traffic import attempt, convert, disable, open_click

GOOD = "https://tracker.example.com/postback?cid={sub1}&payout={payout}&status={status}"


def steps(person, postback):
    """How each step stands, by code."""
    found = person.see(f"postbacks/{postback}/checklist")
    assert [step["number"] for step in found["steps"]] == [1, 2, 3, 4, 5, 6]
    return {step["code"]: step["state"] for step in found["steps"]}


def traffic(world, slot="sub1"):
    """Five clicks whose tracker's ID arrives in a slot."""
    for number in range(5):
        open_click(world, params={slot: f"tracker-click-{number}"})


def deliver(world, postback, status=200):
    """A conversion whose delivery of this postback ends with a status."""
    conversion = convert(world)
    (delivery,) = world.alice.get(f"deliveries?conversion_id={conversion}&postback_id={postback}").ids
    attempt(delivery, status=status)


def send_test(world, postback, status=200):
    """A test of this postback that ended with a status."""
    from redound.console.postbacks import testing
    from redound.console.postbacks.models import Postback
    from redound.console.postbacks.sampling import Sample
    from redound.store.plans.reports import delivery_steps
    from tests.console.traffic import perform

    made = testing._delivery(Postback.objects.get(pk=postback), Sample({"test": "1"}))
    perform(delivery_steps([made]))
    attempt(made.id, status=status)


def test_a_new_postback_has_most_of_it_before_it(world):
    """The macros exist; nothing else is shown yet, and it says what to do."""
    postback = world.make_postback(url=GOOD)["id"]
    assert steps(world.alice, postback) == {
        "macros_verified": "done",
        "mapped": "todo",
        "template_clean": "done",
        "test_delivered": "todo",
        "watched": "todo",
        "ask": "todo",
    }
    found = world.alice.see(f"postbacks/{postback}/checklist")
    assert found["done"] == 2
    assert all(step["next"] for step in found["steps"] if step["state"] != "done")


def test_all_six_are_shown_by_data(world):
    """Clicks carry the slot, a test and a conversion were delivered."""
    postback = world.make_postback(url=GOOD)["id"]
    traffic(world)
    send_test(world, postback)
    deliver(world, postback)
    assert set(steps(world.alice, postback).values()) == {"done"}


def test_the_wrong_slot_is_shown(world):
    """The tracker's ID arrives in sub3."""
    postback = world.make_postback(url=GOOD)["id"]
    traffic(world, "sub3")
    found = steps(world.alice, postback)
    assert (found["mapped"], found["template_clean"]) == ("wrong", "wrong")
    mapped = world.alice.see(f"postbacks/{postback}/checklist")["steps"][1]
    assert "{sub3}" in mapped["evidence"]
    assert "{sub3}" in mapped["next"]


def test_a_failed_test_and_failing_deliveries_are_wrong(world):
    """And so is a postback that was disabled."""
    postback = world.make_postback(url=GOOD)["id"]
    send_test(world, postback, status=500)
    deliver(world, postback, status=500)
    found = steps(world.alice, postback)
    assert (found["test_delivered"], found["watched"]) == ("wrong", "wrong")
    disable(postback)
    watched = world.alice.see(f"postbacks/{postback}/checklist")["steps"][4]
    assert "25 attempts failed" in watched["evidence"]


def test_a_test_before_the_last_change_does_not_count(world):
    """It has to be repeated."""
    postback = world.make_postback(url=GOOD)["id"]
    send_test(world, postback)
    assert steps(world.alice, postback)["test_delivered"] == "done"
    world.alice.patch(f"postbacks/{postback}", {"url": GOOD + "&x=1"})
    assert steps(world.alice, postback)["test_delivered"] == "todo"


def test_whom_to_ask_with_a_summary(world):
    """Alice's manager by name, and a text that names the postback and what is missing."""
    postback = world.make_postback(url=GOOD)["id"]
    found = world.alice.see(f"postbacks/{postback}/checklist")
    assert found["ask"] == "Bob <bob@example.com>"
    assert postback in found["summary"]
    assert "? A test was delivered: No test was sent yet." in found["summary"]
    assert world.bob.patch(f"affiliates/{world.alice_id}", {"manager_id": None}).status == 200
    assert world.alice.see(f"postbacks/{postback}/checklist")["ask"] is None


def test_it_speaks_russian(world):
    """By Accept-Language."""
    postback = world.make_postback(url=GOOD)["id"]
    answer = world.alice.get(f"postbacks/{postback}/checklist", Accept_Language="ru")
    assert answer.headers["Content-Language"] == "ru"
    assert answer.json["steps"][3]["title"] == "Тест доставлен"


def test_charlie_does_not_see_it(world):
    """It is Alice's."""
    postback = world.make_postback(url=GOOD)["id"]
    assert world.charlie.get(f"postbacks/{postback}/checklist").status == 404
