"""The control of a test: a wrong click ID of the right form, and what the two answers show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.tools.control import Conclusion, conclude, make_wrong, returned_names, sentence, wrong_like
from redound.core.trace.facts import Attempt
from tests.builders import make_postback

SEED = b"sixteen bytes ..".ljust(16)


@given(st.text(min_size=1, max_size=100), st.binary(min_size=16, max_size=16))
def test_a_wrong_value_is_another_of_the_same_form(value, seed):
    """Letters stay letters and digits digits; what has neither becomes longer."""
    wrong = wrong_like(value, seed)
    assert wrong != value
    assert len(wrong) in (len(value), len(value) + 1)
    if len(wrong) == len(value):
        shapes = [(letter.isdigit(), letter.isupper(), letter.islower()) for letter in value]
        assert shapes == [(letter.isdigit(), letter.isupper(), letter.islower()) for letter in wrong]


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://t.example.com/pb?cid={sub2}&source={sub5}", ("sub2",)),
        ("https://t.example.com/pb?x={sub2}&y={payout}", ("sub2",)),
        ("https://t.example.com/pb/{param.click}", ("param.click",)),
        ("https://t.example.com/pb?z={click_id}", ("click_id",)),
        ("https://t.example.com/pb?status={status}", ()),
    ],
)
def test_the_click_id_is_what_stands_in_the_click_parameter(url, names):
    """Else every macro that identifies a click."""
    assert returned_names(make_postback(url=url)) == names


def test_without_a_value_nothing_can_be_wrong():
    """A click without the slot has no control."""
    assert make_wrong({"payout": "1"}, ["sub1"], SEED) is None
    made = make_wrong({"sub1": "abc", "payout": "1"}, ["sub1"], SEED)
    assert made is not None
    assert (set(made.changed), made.values["payout"]) == ({"sub1"}, "1")


def answer(status: int | None, body: str = "", kind: str = "") -> Attempt:
    """An attempt with this answer."""
    return Attempt("att", 1, 0, 5, "GET", "https://t.example.com/", status=status, body=body, error_kind=kind)


def test_echoes_and_times_are_no_difference():
    """A tracker that says back what it got still accepts anything."""
    right, wrong = answer(200, "ok abc at 10:15:01.2"), answer(200, "ok xyz at 10:15:02.7")
    assert conclude(right, wrong, ["abc", "xyz"]) is Conclusion.ACCEPTS_ANYTHING
    assert conclude(right, wrong) is Conclusion.ANSWERS_DIFFER


def test_no_answer_shows_nothing():
    """One time-out is enough."""
    assert conclude(answer(None, kind="timeout"), answer(200)) is Conclusion.NO_ANSWER


@pytest.mark.parametrize("conclusion", Conclusion)
def test_every_conclusion_has_its_words(conclusion):
    """In both languages."""
    english, russian = sentence(conclusion), sentence(conclusion, "ru")
    assert english.endswith(".")
    assert english != russian
