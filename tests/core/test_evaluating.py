"""Condition by condition: what was wanted, what was found, and that it agrees with what really fires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from redound.core.catalog import PayoutModel, StatusMode
from redound.core.evaluating import Condition, examine_click, examine_conversion, nearest
from redound.core.matching import Fire, match_click, match_conversion
from redound.core.states import Status
from tests.builders import (
    HOUR_MS,
    NOW_MS,
    make_affiliate,
    make_click,
    make_conversion,
    make_goal,
    make_offer,
    make_postback,
    make_transition,
)
from tests.core.test_matching_properties import CONVERSIONS, POSTBACKS

AFFILIATES = st.builds(
    make_affiliate,
    postbacks_enabled=st.booleans(),
    precedence=st.sampled_from(["all", "most_specific"]),
)


def conditions(**postback: Any) -> dict[str, Condition]:
    """The conditions of one postback for a pending deposit that came an hour after the click."""
    goal = make_goal("deposit")
    conversion = make_conversion(status=Status.PENDING, goal_id=goal.id, payout=None)
    [found] = examine_conversion(
        *(conversion, make_transition(conversion), goal, make_offer(make_goal(), goal), make_affiliate()),
        [make_postback(**postback)],
        click_at=NOW_MS - HOUR_MS,
    )
    return {condition.name: condition for condition in found.conditions}


def test_all_that_is_missing_is_told_at_once():
    """Alice sees every condition that she would have to change, not the first alone."""
    found = conditions(goals="base", payout_above_zero=True, max_age_seconds=60, enabled=False)
    unmet = {name for name, condition in found.items() if not condition.met}
    assert unmet == {"goals", "statuses", "payout_above_zero", "max_age_seconds", "enabled"}
    assert found["statuses"] == Condition("statuses", False, "approved", "pending")
    assert (found["max_age_seconds"].wanted, found["max_age_seconds"].found) == ("<= 60 s", "3600 s")


def test_conditions_that_are_not_set_are_left_out():
    """No filter, no line."""
    assert set(conditions()) == {
        *("event", "delivery", "level", "goals", "statuses", "postbacks_enabled", "enabled")
    }


def test_a_list_of_goals_names_them():
    """What was wanted is what the postback says."""
    found = conditions(goals=frozenset({"gol_sale"}))["goals"]
    assert (found.wanted, found.found, found.met) == ("gol_sale", "gol_deposit (deposit)", False)


def test_all_statuses_tells_which_came():
    """Mode all: wanted are both, found is the one."""
    statuses = frozenset({Status.PENDING, Status.APPROVED})
    found = conditions(statuses=statuses, status_mode=StatusMode.ALL)["status_mode"]
    assert (found.wanted, found.found, found.met) == ("all of approved, pending", "pending", False)


@given(CONVERSIONS, POSTBACKS, AFFILIATES, st.booleans(), st.booleans())
def test_a_postback_fires_exactly_when_all_conditions_are_met(
    conversion, postbacks, affiliate, goals_enabled, fired
):
    """What is shown and what happens cannot disagree: both run the same checks."""
    goal = make_goal() if conversion.goal_id == "gol_sale" else make_goal("deposit")
    offer = make_offer(make_goal(), make_goal("deposit"), goals_enabled=goals_enabled)
    done = frozenset((conversion.id, each.id) for each in postbacks) if fired else frozenset()
    given = (conversion, make_transition(conversion), goal, offer, affiliate, postbacks)
    answers = match_conversion(*given, click_at=NOW_MS - HOUR_MS, fired=done)
    found = examine_conversion(*given, click_at=NOW_MS - HOUR_MS, fired=done)
    assert [each.postback_id for each in found] == [each.postback_id for each in answers]
    for answer, evaluation in zip(answers, found, strict=True):
        assert evaluation.fires is isinstance(answer, Fire) is (not evaluation.unmet)
        assert evaluation.reason is answer.reason


@given(POSTBACKS, AFFILIATES, st.sampled_from(PayoutModel), st.booleans(), st.sampled_from([None, 0, 5]))
def test_a_click_fires_exactly_when_all_conditions_are_met(postbacks, affiliate, model, valid, payout):
    """The same for clicks."""
    click = make_click(valid=valid, invalid_reason="" if valid else "bot")
    offer = make_offer(payout_model=model, cpc_payout_minor=payout)
    answers = match_click(click, offer, affiliate, postbacks)
    for answer, evaluation in zip(answers, examine_click(click, offer, affiliate, postbacks), strict=True):
        assert evaluation.fires is isinstance(answer, Fire) is (not evaluation.unmet)


def test_the_closest_skip_is_the_one_that_met_most():
    """Of a wrong link, a wrong status and a switched-off one the last nearly fired."""
    assert nearest(["out_of_scope", "status_not_listed", "postback_off", "goal_not_listed"]) == 2
    assert nearest(["out_of_scope", "out_of_scope"]) == 0
    assert nearest(["a_word_of_later", "event_differs"]) == 1


def test_goals_that_are_off_rest():
    """Phonexa: the condition is shown, said to rest, and met."""
    goal = make_goal("deposit")
    conversion = make_conversion(goal_id=goal.id)
    offer = replace(make_offer(make_goal(), goal), goals_enabled=False)
    [found] = examine_conversion(
        *(conversion, make_transition(conversion), goal, offer, make_affiliate()),
        [make_postback(goals="base")],
    )
    shown = next(each for each in found.conditions if each.name == "goals")
    assert shown.met
    assert shown.found.endswith("(goals are off)")
