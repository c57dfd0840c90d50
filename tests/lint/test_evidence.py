"""What real clicks tell: the slot in which the tracker's click ID arrives."""

from __future__ import annotations

from redound.core.lint.evidence import seen_slots


def clicks(**slots):
    """Ten clicks; a slot is a text, the number of the click filled in."""
    return [
        {name: text.replace("N", f"{number:03d}") for name, text in slots.items()} for number in range(10)
    ]


def test_the_slot_with_another_long_value_in_every_click_carries_the_click_id():
    """Alice's tracker sends wK4cN… in sub2, her campaign in sub1."""
    assert seen_slots(clicks(sub1="autumn", sub2="wK4cNa8d7")) == ("sub2",)


def test_short_values_repeats_and_unreplaced_macros_tell_nothing():
    """A banner's number, a campaign, {clickid} that nobody filled."""
    assert seen_slots(clicks(sub1="N", sub2="campaign-one", sub3="{clickid}")) == ()


def test_a_few_clicks_are_not_enough():
    """Nothing is concluded from four."""
    assert seen_slots(clicks(sub1="wK4cNa8d7")[:4]) == ()


def test_a_slot_that_is_often_empty_is_not_it():
    """Half of the clicks come without it."""
    half = [params if number % 2 else {} for number, params in enumerate(clicks(sub1="wK4cNa8d7"))]
    assert seen_slots(half) == ()
