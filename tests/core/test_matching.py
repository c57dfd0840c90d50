"""Which of Alice's postbacks fire, and why the others do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redound.core.catalog import Event, HealthState, Level, PayoutModel, Postback, Precedence, StatusMode
from redound.core.matching import Fire, Reason, Skip, match_click, match_conversion
from redound.core.money import Money
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

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
SALE = make_goal()
DEPOSIT = make_goal("deposit")
PICKY = make_affiliate(precedence=Precedence.MOST_SPECIFIC)
SCOPES = {
    Level.LINK: "lnk_banner",
    Level.CAMPAIGN: "cmp_autumn",
    Level.OFFER: "ofr_shoes",
    Level.BRAND: "brd_play",
}


def answers(*postbacks: Postback, **given: Any) -> dict[str, Fire | Skip]:
    """Match an approved sale (or what is given instead) against postbacks; answers by postback ID."""
    goal = given.get("goal", SALE)
    conversion = given.get("conversion", make_conversion(goal_id=goal.id))
    result = match_conversion(
        conversion,
        given.get("transition", make_transition(conversion)),
        goal,
        given.get("offer", make_offer()),
        given.get("affiliate", make_affiliate()),
        postbacks,
        click_at=given.get("click_at", NOW_MS - HOUR_MS),
        fired=given.get("fired", frozenset()),
    )
    assert [answer.postback_id for answer in result] == [postback.id for postback in postbacks]
    return {answer.postback_id: answer for answer in result}


def answer(given: dict[str, Any] | None = None, **postback: Any) -> Fire | Skip:
    """The answer of one postback."""
    one = make_postback(**postback)
    return answers(one, **(given or {}))[one.id]


def reason(given: dict[str, Any] | None = None, **postback: Any) -> Reason:
    """The reason of one postback's answer."""
    return answer(given, **postback).reason


def at_level(level: Level, **changes: Any) -> Postback:
    """A postback of Alice's at a level that covers the default click."""
    include = frozenset({SCOPES[level]}) if level in SCOPES else frozenset()
    return make_postback(**{"id": f"pbk_{level}", "level": level, "include": include, **changes})


def test_a_postback_for_approved_fires_on_an_approved_sale() -> None:
    """At once, for this transition."""
    assert answer() == Fire("pbk_tracker", "trn_1", parked=False, due_in_seconds=0)


def test_a_postback_for_clicks_does_not_fire_on_conversions() -> None:
    """It listens to something else."""
    skip = answer(event=Event.CLICK)
    assert skip == Skip("pbk_tracker", Reason.EVENT, "It listens to clicks, and this is a conversion.")


@pytest.mark.parametrize(
    ("goals", "goal", "expected"),
    [
        ("any", SALE, Reason.FIRES),
        ("any", DEPOSIT, Reason.FIRES),
        ("base", SALE, Reason.FIRES),
        ("base", DEPOSIT, Reason.GOAL),
        ("events", SALE, Reason.GOAL),
        ("events", DEPOSIT, Reason.FIRES),
        (frozenset({"gol_sale"}), SALE, Reason.FIRES),
        (frozenset({"gol_sale"}), DEPOSIT, Reason.GOAL),
        (frozenset(), SALE, Reason.GOAL),
    ],
)
def test_goals_are_any_the_base_every_other_or_a_list(goals: Any, goal: Any, expected: Reason) -> None:
    """Everflow's Conversion and Event, and everybody's lists."""
    assert reason({"goal": goal}, goals=goals) is expected


def test_a_skip_for_the_goal_says_what_was_wanted_and_what_was_found() -> None:
    """So that Alice sees it at a glance."""
    skip = answer({"goal": DEPOSIT}, goals=frozenset({"gol_sale", "gol_lead"}))
    assert isinstance(skip, Skip)
    assert skip.detail == "It wants the goals gol_lead, gol_sale, and this is gol_deposit (deposit)."


@pytest.mark.parametrize("goals", ["base", "events", frozenset({"gol_other"}), frozenset()])
def test_while_an_offers_goals_are_off_the_goal_condition_rests(goals: Any) -> None:
    """Phonexa; it is in force again once they are on."""
    off = {"goal": DEPOSIT, "offer": make_offer(goals_enabled=False)}
    assert reason(off, goals=goals) is Reason.FIRES


def test_a_status_that_is_not_listed_is_skipped() -> None:
    """With both named."""
    conversion = make_conversion(status=PENDING)
    skip = answer({"conversion": conversion}, statuses=frozenset({APPROVED, REJECTED}))
    assert skip == Skip(
        "pbk_tracker", Reason.STATUS, "It wants the status approved, rejected, and this became pending."
    )


def test_each_fires_for_every_transition_into_a_listed_status() -> None:
    """The key is the transition, so coming back fires again."""
    conversion = make_conversion(seen=APPROVED.bit | REJECTED.bit)
    back = make_transition(conversion, id="trn_3", from_status=REJECTED)
    fire = answer({"conversion": conversion, "transition": back, "fired": {("cnv_1", "pbk_tracker")}})
    assert isinstance(fire, Fire)
    assert fire.fire_key == "trn_3"


@pytest.mark.parametrize("mode", [StatusMode.ONCE, StatusMode.ALL])
def test_once_and_all_fire_once_for_a_conversion(mode: StatusMode) -> None:
    """The key is the conversion's, and when it fired the answer says so."""
    fire = answer(status_mode=mode)
    assert isinstance(fire, Fire)
    assert fire.fire_key == "cnv_1"
    assert reason({"fired": {("cnv_1", "pbk_tracker")}}, status_mode=mode) is Reason.ALREADY_FIRED
    assert reason({"fired": {("cnv_1", "pbk_other")}}, status_mode=mode) is Reason.FIRES


def test_all_waits_until_every_listed_status_has_come() -> None:
    """Pending and then approved: the second completes it, in either order."""
    both = frozenset({PENDING, APPROVED})
    skip = answer(status_mode=StatusMode.ALL, statuses=both)
    assert isinstance(skip, Skip)
    assert (skip.reason, skip.detail) == (
        Reason.NOT_ALL_STATUSES,
        "It wants all of approved, pending, and pending has not come yet.",
    )
    complete = make_conversion(seen=PENDING.bit | APPROVED.bit)
    assert reason({"conversion": complete}, status_mode=StatusMode.ALL, statuses=both) is Reason.FIRES


@pytest.mark.parametrize("level", Level)
def test_each_level_covers_what_it_names(level: Level) -> None:
    """ReferOn's four levels, and offers."""
    include = frozenset({SCOPES.get(level, "")})
    other = Reason.FIRES if level is Level.AFFILIATE else Reason.LEVEL
    assert reason(level=level, include=include) is Reason.FIRES
    assert reason(level=level, include=frozenset({"another"})) is other
    assert reason(level=level, include=frozenset()) is other


def test_a_postback_may_name_several_offers() -> None:
    """Trackdesk's Offer scope."""
    assert reason(level=Level.OFFER, include=frozenset({"ofr_hats", "ofr_shoes"})) is Reason.FIRES


@pytest.mark.parametrize("level", [Level.AFFILIATE, Level.BRAND])
def test_an_excluded_offer_is_left_out(level: Level) -> None:
    """Trackdesk: all offers minus these."""
    skip = answer(level=level, include=frozenset({"brd_play"}), exclude_offers=frozenset({"ofr_shoes"}))
    assert skip == Skip("pbk_tracker", Reason.EXCLUDED, "It leaves out the offer ofr_shoes.")


def test_another_affiliates_postback_never_fires() -> None:
    """Charlie's tracker learns nothing of Alice's sale."""
    assert reason(affiliate_id="aff_charlie") is Reason.LEVEL


def test_a_pixel_is_not_sent_by_us() -> None:
    """It is shown in the visitor's browser."""
    assert reason(delivery="html") is Reason.BROWSER


def test_nothing_of_alices_fires_until_bob_enables_postbacks() -> None:
    """ReferOn."""
    disabled = make_affiliate(postbacks_enabled=False)
    own, bobs = make_postback(), at_level(Level.OFFER, id="pbk_bob", affiliate_id=None)
    found = answers(own, bobs, affiliate=disabled)
    assert found[own.id].reason is Reason.NOT_ENABLED
    assert found[bobs.id].reason is Reason.FIRES


def test_by_default_all_that_match_fire() -> None:
    """Everflow and Phonexa."""
    found = answers(*(at_level(level) for level in Level))
    assert {each.reason for each in found.values()} == {Reason.FIRES}


@pytest.mark.parametrize("winner", Level)
def test_with_the_policy_most_specific_only_the_narrowest_fires(winner: Level) -> None:
    """Link before campaign before offer before brand before affiliate."""
    levels = list(Level)[list(Level).index(winner) :]
    found = answers(*(at_level(level) for level in reversed(levels)), affiliate=PICKY)
    assert [each.postback_id for each in found.values() if isinstance(each, Fire)] == [f"pbk_{winner}"]
    assert {each.reason for each in found.values()} <= {Reason.FIRES, Reason.LESS_SPECIFIC}


def test_a_loser_is_told_who_won() -> None:
    """By level."""
    skip = answers(at_level(Level.LINK), at_level(Level.BRAND), affiliate=PICKY)["pbk_brand"]
    assert isinstance(skip, Skip)
    assert skip.detail == (
        "The affiliate's most specific postback fires; this is for the brand, and one for the link matches."
    )


def test_ties_all_fire() -> None:
    """Two of the same level are equally specific."""
    found = answers(
        at_level(Level.OFFER, id="a"), at_level(Level.OFFER, id="b"), at_level(Level.BRAND), affiliate=PICKY
    )
    assert [each.reason for each in found.values()] == [Reason.FIRES, Reason.FIRES, Reason.LESS_SPECIFIC]


@pytest.mark.parametrize(
    "changes",
    [
        {"event": Event.CLICK},
        {"goals": "events"},
        {"statuses": frozenset({REJECTED})},
        {"include": frozenset({"lnk_other"})},
        {"exclude_offers": frozenset({"ofr_shoes"})},
        {"enabled": False},
        {"delivery": "html"},
    ],
)
def test_who_is_not_meant_or_switched_off_does_not_compete(changes: dict[str, Any]) -> None:
    """The broader one fires."""
    found = answers(at_level(Level.LINK, **changes), at_level(Level.AFFILIATE), affiliate=PICKY)
    assert found["pbk_affiliate"].reason is Reason.FIRES


@pytest.mark.parametrize(
    ("changes", "given", "expected"),
    [
        ({"payout_above_zero": True}, {"conversion": make_conversion(payout=None)}, Reason.PAYOUT_ZERO),
        ({"max_age_seconds": 60}, {}, Reason.TOO_OLD),
        ({"status_mode": StatusMode.ONCE}, {"fired": {("cnv_1", "pbk_link")}}, Reason.ALREADY_FIRED),
        (
            {"status_mode": StatusMode.ALL, "statuses": frozenset({PENDING, APPROVED})},
            {},
            Reason.NOT_ALL_STATUSES,
        ),
        ({"health": HealthState.DISABLED}, {}, Reason.PARKED),
    ],
)
def test_what_holds_a_winner_back_never_lets_a_broader_one_in(
    changes: dict[str, Any], given: dict[str, Any], expected: Reason
) -> None:
    """Payout, age, fired already, statuses missing; and an auto-disabled winner parks."""
    found = answers(at_level(Level.LINK, **changes), at_level(Level.AFFILIATE), affiliate=PICKY, **given)
    assert [each.reason for each in found.values()] == [expected, Reason.LESS_SPECIFIC]


def test_bobs_postback_stands_outside_of_precedence() -> None:
    """It neither wins against Alice's nor loses to them."""
    bobs = at_level(Level.OFFER, id="pbk_bob", affiliate_id=None)
    found = answers(bobs, at_level(Level.AFFILIATE), affiliate=PICKY)
    assert [each.reason for each in found.values()] == [Reason.FIRES, Reason.FIRES]
    found = answers(bobs, at_level(Level.LINK), affiliate=PICKY)
    assert [each.reason for each in found.values()] == [Reason.FIRES, Reason.FIRES]


def test_a_managers_postback_must_name_an_offer_or_brand() -> None:
    """Without an affiliate the affiliate level covers nothing."""
    assert reason(affiliate_id=None, level=Level.AFFILIATE) is Reason.LEVEL


def test_a_postback_switched_off_skips_only_what_it_would_have_fired() -> None:
    """So what it skipped as `postback_off` can be backfilled as it stands."""
    assert reason(enabled=False) is Reason.OFF
    assert reason(enabled=False, statuses=frozenset({REJECTED})) is Reason.STATUS
    assert reason(enabled=False, max_age_seconds=60) is Reason.TOO_OLD


def test_an_auto_disabled_postback_parks_its_delivery() -> None:
    """It fires into a waiting line."""
    fire = answer(health=HealthState.DISABLED)
    assert isinstance(fire, Fire)
    assert (fire.parked, fire.reason) == (True, Reason.PARKED)
    assert reason(health=HealthState.FAILING) is Reason.FIRES


def test_a_delay_is_handed_on() -> None:
    """Up to a day."""
    fire = answer(delay_seconds=86_400)
    assert isinstance(fire, Fire)
    assert fire.due_in_seconds == 86_400


@pytest.mark.parametrize(
    ("payout", "expected", "found"),
    [
        (None, Reason.PAYOUT_ZERO, "there is none"),
        (Money(0, "EUR"), Reason.PAYOUT_ZERO, "it is 0.00"),
        (Money(1, "EUR"), Reason.FIRES, ""),
    ],
)
def test_a_payout_above_zero_may_be_asked_for(payout: Money | None, expected: Reason, found: str) -> None:
    """A cent is enough."""
    result = answer({"conversion": make_conversion(payout=payout)}, payout_above_zero=True)
    assert result.reason is expected
    assert not isinstance(result, Skip) or found in result.detail


@pytest.mark.parametrize(("seconds", "expected"), [(3600, Reason.FIRES), (3599, Reason.TOO_OLD)])
def test_a_conversion_may_be_too_long_after_its_click(seconds: int, expected: Reason) -> None:
    """The click was exactly an hour before; a later change of status does not age it."""
    conversion = make_conversion()
    late = make_transition(conversion, at=NOW_MS + 48 * HOUR_MS, from_status=PENDING)
    assert reason({"conversion": conversion, "transition": late}, max_age_seconds=seconds) is expected


def test_without_its_click_a_conversions_age_is_not_held_against_it() -> None:
    """Clicks have a retention."""
    assert reason({"click_at": None}, max_age_seconds=1) is Reason.FIRES


CPC = make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5)
ON_CLICK: dict[str, Any] = {"event": Event.CLICK, "level": Level.OFFER, "include": frozenset({"ofr_shoes"})}


def click_answer(click: Any = None, offer: Any = CPC, affiliate: Any = None, **postback: Any) -> Fire | Skip:
    """The answer of a click postback (Everflow: CPC)."""
    one = make_postback(**{**ON_CLICK, **postback})
    (result,) = match_click(click or make_click(), offer, affiliate or make_affiliate(), [one])
    return result


def test_a_click_postback_fires_on_a_valid_click_with_the_clicks_key() -> None:
    """Once for each click."""
    click = make_click()
    assert click_answer(click) == Fire("pbk_tracker", click.id, parked=False, due_in_seconds=0)


def test_a_click_that_is_not_valid_fires_nothing() -> None:
    """Bots and duplicates."""
    skip = click_answer(make_click(valid=False, invalid_reason="duplicate"))
    assert skip == Skip(
        "pbk_tracker", Reason.CLICK_INVALID, "Valid clicks fire, and this is not (duplicate)."
    )


def test_clicks_fire_at_offers_that_pay_for_clicks_only() -> None:
    """Everflow."""
    assert click_answer(offer=make_offer()).reason is Reason.EVENT


def test_a_postback_for_conversions_is_silent_about_clicks() -> None:
    """It listens to something else."""
    assert click_answer(event=Event.CONVERSION).reason is Reason.EVENT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"include": frozenset({"ofr_hats"})}, Reason.LEVEL),
        ({"enabled": False}, Reason.OFF),
        ({"health": HealthState.DISABLED}, Reason.PARKED),
        ({"payout_above_zero": True}, Reason.FIRES),
        ({"affiliate": make_affiliate(postbacks_enabled=False)}, Reason.NOT_ENABLED),
        ({"payout_above_zero": True, "offer": replace(CPC, cpc_payout_minor=None)}, Reason.PAYOUT_ZERO),
    ],
)
def test_the_other_conditions_hold_for_clicks_too(changes: dict[str, Any], expected: Reason) -> None:
    """Scope, switch, health, payout."""
    assert click_answer(**changes).reason is expected
