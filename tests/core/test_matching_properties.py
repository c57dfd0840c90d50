"""What holds for any set of postbacks and any conversion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from redound.core.catalog import Event, HealthState, Level, PayoutModel, Postback, Precedence, StatusMode
from redound.core.matching import RANKS, Fire, Reason, Skip, match_click, match_conversion
from redound.core.money import Money
from redound.core.states import Status
from tests.builders import (
    NOW_MS,
    make_affiliate,
    make_click,
    make_conversion,
    make_goal,
    make_offer,
    make_postback,
    make_transition,
)

if TYPE_CHECKING:
    from redound.core.conversions import Conversion

IDS = ["lnk_banner", "cmp_autumn", "ofr_shoes", "brd_play", "lnk_other", "ofr_other"]
POSTBACKS = st.lists(
    st.builds(
        make_postback,
        id=st.integers(1, 10_000).map("pbk_{}".format),
        affiliate_id=st.sampled_from(["aff_alice", "aff_alice", "aff_alice", None, "aff_charlie"]),
        enabled=st.booleans(),
        event=st.sampled_from([Event.CONVERSION, Event.CONVERSION, Event.CLICK]),
        goals=st.sampled_from(["any", "base", "events", frozenset({"gol_sale"}), frozenset({"gol_deposit"})]),
        statuses=st.frozensets(st.sampled_from(Status)),
        status_mode=st.sampled_from(StatusMode),
        level=st.sampled_from(Level),
        include=st.frozensets(st.sampled_from(IDS)),
        exclude_offers=st.frozensets(st.sampled_from(["ofr_shoes", "ofr_other"]), max_size=1),
        payout_above_zero=st.booleans(),
        max_age_seconds=st.sampled_from([None, 60, 86_400]),
        delay_seconds=st.sampled_from([0, 60]),
        health=st.sampled_from(HealthState),
        delivery=st.sampled_from(["s2s", "s2s", "html"]),
    ),
    max_size=8,
    unique_by=lambda postback: postback.id,
)
CONVERSIONS = st.builds(
    lambda status, seen, payout, goal: make_conversion(
        status=status,
        seen=seen | status.bit,
        payout=None if payout is None else Money(payout, "EUR"),
        goal_id=goal,
    ),
    st.sampled_from(Status),
    st.integers(0, 31),
    st.sampled_from([None, 0, 1000]),
    st.sampled_from(["gol_sale", "gol_deposit"]),
)
AFFILIATES = st.builds(
    make_affiliate,
    precedence=st.sampled_from(Precedence),
    postbacks_enabled=st.sampled_from([True, True, False]),
)
OFFERS = st.builds(
    make_offer,
    goals_enabled=st.booleans(),
    payout_model=st.sampled_from(PayoutModel),
    cpc_payout_minor=st.sampled_from([None, 0, 5]),
)
GOALS = {"gol_sale": make_goal(), "gol_deposit": make_goal("deposit")}


def match(
    conversion: Conversion, postbacks: list[Postback], offer: object, affiliate: object
) -> list[Fire | Skip]:
    """Match an hour after the click."""
    return match_conversion(
        conversion,
        make_transition(conversion),
        GOALS[conversion.goal_id],
        offer,  # type: ignore[arg-type]
        affiliate,  # type: ignore[arg-type]
        postbacks,
        click_at=NOW_MS - 3_600_000,
    )


@given(CONVERSIONS, POSTBACKS, OFFERS, AFFILIATES)
def test_every_postback_gets_exactly_one_answer_with_a_reason(
    conversion: Conversion, postbacks: list[Postback], offer: object, affiliate: object
) -> None:
    """In their order; a skip has a sentence, a fire is enabled and not another affiliate's."""
    answers = match(conversion, postbacks, offer, affiliate)
    assert [answer.postback_id for answer in answers] == [postback.id for postback in postbacks]
    for answer, postback in zip(answers, postbacks, strict=True):
        if isinstance(answer, Skip):
            assert answer.reason not in {Reason.FIRES, Reason.PARKED}
            assert answer.detail.endswith(".")
        else:
            assert postback.enabled
            assert postback.affiliate_id in {"aff_alice", None}
            assert conversion.status in postback.statuses
            assert answer.parked == (postback.health is HealthState.DISABLED)


@given(CONVERSIONS, POSTBACKS, OFFERS, AFFILIATES, st.randoms())
def test_the_order_of_postbacks_does_not_matter(
    conversion: Conversion, postbacks: list[Postback], offer: object, affiliate: object, random: object
) -> None:
    """Each gets the same answer wherever it stands."""
    shuffled = list(postbacks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = {answer.postback_id: answer for answer in match(conversion, postbacks, offer, affiliate)}
    second = {answer.postback_id: answer for answer in match(conversion, shuffled, offer, affiliate)}
    assert first == second


@given(CONVERSIONS, POSTBACKS, OFFERS)
def test_the_most_specific_are_some_of_all(
    conversion: Conversion, postbacks: list[Postback], offer: object
) -> None:
    """The policy only ever takes away, leaves one level of the affiliate's, and nothing of the manager's."""
    every = match(conversion, postbacks, offer, make_affiliate())
    some = match(conversion, postbacks, offer, make_affiliate(precedence=Precedence.MOST_SPECIFIC))
    levels = set()
    for before, after, postback in zip(every, some, postbacks, strict=True):
        if isinstance(after, Skip) and after.reason is Reason.LESS_SPECIFIC:
            assert postback.affiliate_id is not None
            continue
        assert after == before
        if isinstance(after, Fire) and postback.affiliate_id is not None:
            levels.add(postback.level)
    assert len(levels) <= 1


@given(CONVERSIONS, POSTBACKS, OFFERS)
def test_a_filter_never_lets_a_broader_one_in(
    conversion: Conversion, postbacks: list[Postback], offer: object
) -> None:
    """Taking every filter away changes no answer of a postback that lost."""
    picky = make_affiliate(precedence=Precedence.MOST_SPECIFIC)
    open_ones = [replace(each, payout_above_zero=False, max_age_seconds=None) for each in postbacks]
    strict = match(conversion, postbacks, offer, picky)
    lenient = match(conversion, open_ones, offer, picky)
    for before, after in zip(strict, lenient, strict=True):
        assert (before.reason is Reason.LESS_SPECIFIC) == (after.reason is Reason.LESS_SPECIFIC)
        assert isinstance(after, Fire) or not isinstance(before, Fire)


@given(POSTBACKS, OFFERS, AFFILIATES, st.booleans())
def test_clicks_get_one_answer_each_too(
    postbacks: list[Postback],
    offer: object,
    affiliate: object,
    valid: bool,
) -> None:
    """And only click postbacks of CPC offers fire, only for valid clicks."""
    click = make_click(valid=valid, invalid_reason="" if valid else "bot")
    answers = match_click(click, offer, affiliate, postbacks)  # type: ignore[arg-type]
    assert [answer.postback_id for answer in answers] == [postback.id for postback in postbacks]
    for answer, postback in zip(answers, postbacks, strict=True):
        if isinstance(answer, Fire):
            assert valid
            assert postback.event is Event.CLICK
            assert offer.payout_model is PayoutModel.CPC  # type: ignore[attr-defined]
            assert answer.fire_key == click.id


def test_levels_are_ranked_from_link_to_affiliate() -> None:
    """Link before campaign before offer before brand before affiliate."""
    assert sorted(RANKS, key=RANKS.__getitem__) == ["link", "campaign", "offer", "brand", "affiliate"]
