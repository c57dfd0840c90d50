"""The checklist's words: every outcome of every step can be said, in both languages."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from redound.core.lint.engine import lint
from redound.core.tools.checklist import Facts, StepState, check, summary

GOOD = "https://tracker.example.com/postback?cid={sub1}&payout={payout}&status={status}"
NOTHING = Facts("pbk_1", "Tracker", GOOD, edited_at=1000)
CASES = {
    "macros": [{}, {"macros": ("sub1",)}, {"unknown": ("{sbu1}",)}],
    "slots": [
        {},
        {"returned": ("click_id",)},
        {"returned": ("sub1",), "clicks": 3},
        {"returned": ("sub1",), "clicks": 9},
        {"returned": ("sub1",), "clicks": 9, "seen": ("sub2",)},
        {"returned": ("sub1", "sub3"), "clicks": 9, "seen": ("sub1",)},
    ],
    "rest": [
        {},
        {"findings": tuple(lint("http//x")), "tested_at": 500, "test_delivered": True, "waiting": 2},
        {"tested_at": 2000, "test_delivered": True, "delivered": 9, "last_success_at": 3000},
        {"tested_at": 2000, "test_delivered": False, "delivered": 5, "failed": 1, "manager": "Bob"},
        {"health": "disabled", "health_reason": "25 attempts failed"},
    ],
}


@pytest.mark.parametrize("changes", list(product(*CASES.values())))
def test_every_outcome_has_words_in_both_languages(changes):
    """No name in braces is left over, and what is not done says what to do."""
    facts = NOTHING
    for each in changes:
        facts = replace(facts, **each)
    steps = check(facts)
    assert len(steps) == 6
    for step in steps:
        for language in ("en", "ru"):
            assert step.title(language)
            assert step.evidence(language)
            assert bool(step.advice(language)) == (step.state is not StepState.DONE)
        assert step.evidence("ru") != step.evidence("en")
    assert summary(facts, steps).startswith("Tracker (pbk_1)\nhttps://")


def test_one_failure_in_ten_is_borne():
    """More is wrong."""
    watched = [check(replace(NOTHING, delivered=90, failed=failed))[4].state for failed in (10, 11)]
    assert watched == [StepState.DONE, StepState.WRONG]
