"""What became of an ID on its way, and how a sub value finds its click."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.trace.facts import usual_lengths
from redound.core.trace.likeness import MAX_VALUE, How, altered, find_ours, forms, piece
from redound.core.trace.sub_values import (
    MOST_REPEATS,
    MOST_VALUES,
    day_of,
    index_rows,
    slot_of,
    value_key,
    worth_finding,
)
from tests.builders import DAY_MS, KEYS, NOW_MS, OTHER_KEYS, make_click, make_click_id

ID = make_click_id()


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (ID, How.SAME),
        (ID.upper(), How.SAME),
        (f"click_id={ID}&x=1", How.LENGTHENED),
        (ID + ID[:3], How.LENGTHENED),
        ("0" * 7 + ID, How.LENGTHENED),
        (ID.replace("0", "O").replace("1", "l"), How.MISREAD),
    ],
)
def test_our_id_is_found_whatever_was_added_to_it(text: str, how: How):
    """Alice pastes what she has."""
    found = find_ours(KEYS, text)
    assert found is not None
    assert (found[0].id, found[1]) == (ID, how)


@pytest.mark.parametrize("text", [ID[:-1], ID[:-1] + "!", "z" * 40, "", "x" * MAX_VALUE * 9, "привет"])
def test_what_is_not_ours_is_not_found(text: str):
    """A piece, an altered one and noise are none."""
    assert find_ours(KEYS, text) is None


def test_an_id_of_another_installation_is_not_ours():
    """The keys decide."""
    assert find_ours(OTHER_KEYS, ID) is None


def test_a_piece_has_to_be_long_enough_to_mean_one_click():
    """Time, link and some chance."""
    assert piece(ID[:16].upper()) == ID[:16]
    assert piece(ID[:15]) == ""
    assert piece(ID) == ""
    assert piece("order-number-1234567") == ""


def test_an_altered_id_is_known_by_its_first_half():
    """Characters at the end were changed."""
    assert altered(ID[:-2].upper() + "zz") == ID[:20]
    assert altered(ID[:-1]) == ""


def test_what_a_report_may_have_said_instead():
    """The tracker's ID as it is, in other letters, cut; ours cut."""
    click = make_click(params={"sub1": "AbC123xyz987", "source": "blog"})
    found = forms(click)
    assert found["AbC123xyz987"].how is How.SAME
    assert found["abc123xyz987"].how is found["ABC123XYZ987"].how is How.CASE
    assert found["AbC123xy"].how is How.CUT
    assert found["AbC123xy"].slot == "sub1"
    assert found[click.id[:32]].how is How.CUT
    assert not found[click.id[:32]].slot
    assert click.id not in found
    assert "AbC1" not in found


def test_a_common_word_is_not_taken_for_a_cut_id():
    """`blog` and pieces of `google-ads` are in half of all reports."""
    found = forms(make_click(params={"sub1": "google-ads", "source": "blog"}))
    assert not {"blog", "google"} & set(found)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=300), max_size=30))
def test_forms_are_bounded(params: dict[str, str]):
    """Whatever a link carries, the look-up stays small."""
    assert len(forms(make_click(params=params))) <= 500


def test_a_usual_length_needs_agreement():
    """Five other clicks of one length; four, or a different one, say nothing."""
    same = [{"sub1": "x" * 20, "sub2": str(number)} for number in range(95, 101)]
    assert usual_lengths(same[:5]) == {"sub1": 20, "sub2": 2}
    assert usual_lengths(same) == {"sub1": 20}
    assert usual_lengths(same[:4]) == {}


# Sub values


def test_a_value_has_one_key_whatever_its_case():
    """Trackers change it."""
    assert value_key("MyTest123") == value_key(" mytest123 ") != value_key("mytest124")
    assert -(2**63) <= value_key("x") < 2**63


@pytest.mark.parametrize("value", ["", "ab", "{clickid}", "[CLICKID]", "REPLACE", "x" * 501])
def test_what_nobody_looks_for_is_not_noted(value: str):
    """Short values, macros, whole texts."""
    assert not worth_finding(value)


def test_each_value_of_a_click_is_a_row():
    """Day, key and click; the deep link is no identifier."""
    rows = index_rows([(ID, NOW_MS, {"sub1": "abc-1", "clickid": "xyz", "url": "https://x.example.com/"})])
    assert rows == sorted([(day_of(NOW_MS), value_key("abc-1"), ID), (day_of(NOW_MS), value_key("xyz"), ID)])
    assert day_of(NOW_MS) == day_of(NOW_MS - DAY_MS) + 1


def test_a_value_that_every_click_has_is_not_noted_for_ever():
    """`google` finds no click; a flood of values neither."""
    clicks = [(f"{ID[:-4]}{number:04}", NOW_MS, {"source": "google"}) for number in range(500)]
    assert len(index_rows(clicks)) == MOST_REPEATS
    many = {f"p{number}": f"value-{number}" for number in range(100)}
    assert len(index_rows([(ID, NOW_MS, many)])) == MOST_VALUES


def test_the_slot_of_a_value_prefers_the_exact_one():
    """The other case is second."""
    assert slot_of({"sub1": "ABC", "sub2": "abc"}, "abc") == "sub2"
    assert slot_of({"sub1": "ABC"}, "abc") == "sub1"
    assert slot_of({"sub1": "ABC"}, "abd") == ""
