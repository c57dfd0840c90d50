"""Networks report in their own way: names, words, and what a repeat means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redound.core.claims import ALIASES, read_claim
from redound.core.conversions import Accepted
from redound.core.decisions import decide_report
from redound.core.dialects import DIALECTS
from redound.core.money import Money
from redound.core.profiles import (
    PRESETS,
    RepeatMode,
    ReportProfile,
    aliases_with,
    links_named,
    words_with,
)
from redound.core.reports import HTTP_STATUSES, Verdict
from redound.core.states import Status
from redound.core.styles import find_macros
from tests.builders import (
    KEYS,
    LINK_NUMBER,
    make_advertiser,
    make_claim,
    make_click_id,
    make_conversion,
    make_facts,
    make_goal,
    make_incoming,
    make_mint,
    make_offer,
    make_postback,
    make_world,
)

PERCENT = {"payout_minor": None, "payout_percent": 10, "revenue_minor": None}


def repeat(mode, claim, *known, goal=None):
    """Let Acme, whose repeats mean this, report once more beside these conversions."""
    profile = ReportProfile(repeat=mode)
    world = make_world(make_advertiser(profile=profile), make_offer(goal or make_goal()), make_postback())
    txid = claim.get("txid", "")
    facts = make_facts(by_click=known, by_txid=tuple(each for each in known if txid and each.txid == txid))
    return decide_report(make_incoming(make_claim(**claim)), facts, world, KEYS, make_mint())


def test_every_platform_of_the_translator_has_a_preset():
    """A manager finds the network by the name that it has elsewhere."""
    assert PRESETS.keys() == DIALECTS.keys()


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_presets_query_names_the_click_and_holds_no_macro_of_ours(preset):
    """It is written as the network writes it, and what it would be filled with can be read."""
    from urllib.parse import parse_qsl

    names = [name for name, _ in parse_qsl(preset.query.replace("#", "%23"))]
    assert names[0] == "click_id"
    assert {ALIASES[name] for name in names} == set(names)
    assert {macro.style for macro in find_macros(preset.query)} == {DIALECTS[preset.slug].style}


def test_own_names_stand_beside_the_built_in_ones_and_before_them():
    """AdsBridge's tid is the click ID; payout is overlooked."""
    aliases = aliases_with({"TID": "click_id", "payout": ""})
    claim = read_claim([("tid", "c-1"), ("payout", "5"), ("txid", "T"), ("event", "sale")], aliases)
    assert (claim.click_id, claim.amount, claim.txid, claim.goal) == ("c-1", "", "T", "sale")
    assert aliases_with({}) is ALIASES


def test_a_preset_gives_way_to_the_advertisers_own_words():
    """Affise's numbers are known; one of them is meant otherwise here."""
    words = words_with({"2": Status.HOLD}, "affise")
    assert words == {
        "1": Status.APPROVED,
        "2": Status.HOLD,
        "3": Status.REJECTED,
        "5": Status.HOLD,
    }


def test_a_click_id_tells_its_link_whatever_its_parameter_is_called():
    """Nothing else is taken for one."""
    pairs = [("x", "abc"), ("y", make_click_id().upper()), ("z", "0" * 40)]
    assert list(links_named(pairs, KEYS)) == [LINK_NUMBER]


def test_codes_replace_what_a_sender_cannot_bear():
    """Successes get the one, refusals the other; our own failure stays a failure."""
    profile = ReportProfile(success_code=204, failure_code=200)
    for verdict, usual in HTTP_STATUSES.items():
        wanted = 204 if usual == 200 else usual if usual >= 500 else 200
        assert profile.http_status(verdict) == wanted
        assert ReportProfile().http_status(verdict) == usual


def test_a_report_without_a_status_gets_the_networks_usual_one():
    """Before the goal's; a word in the report counts more."""
    profile = ReportProfile(default_status=Status.PENDING)
    world = make_world(make_advertiser(profile=profile))
    for word, wanted in (("", Status.PENDING), ("approved", Status.APPROVED)):
        incoming = make_incoming(make_claim(status=word))
        decision = decide_report(incoming, make_facts(), world, KEYS, make_mint())
        assert decision.outcome.conversion.status is wanted


def test_ignore_leaves_the_first_report_as_it_is():
    """Whatever comes later for the click and goal is a duplicate, even another status."""
    known = make_conversion(status=Status.PENDING)
    decision = repeat(RepeatMode.IGNORE, {"status": "approved"}, known)
    assert (decision.outcome.verdict, decision.outcome.conversion_id) == (Verdict.DUPLICATE, known.id)


def test_a_new_txid_makes_a_new_conversion_and_an_old_one_does_not():
    """Keitaro, Voluum: a rebill is told by its transaction ID."""
    known = make_conversion(txid="T-1")
    made = repeat(RepeatMode.NEW_TXID, {"txid": "T-2"}, known).outcome
    assert isinstance(made, Accepted)
    assert (made.created, made.conversion.txid, made.conversion.slot) == (True, "T-2", "")
    assert repeat(RepeatMode.NEW_TXID, {"txid": "T-1"}, known).outcome.verdict is Verdict.DUPLICATE
    assert repeat(RepeatMode.NEW_TXID, {}, known).outcome.verdict is Verdict.DUPLICATE


def test_always_new_needs_no_txid_but_honours_it():
    """A status for a known txid still finds its conversion."""
    known = make_conversion(txid="T-1", status=Status.PENDING)
    assert repeat(RepeatMode.ALWAYS_NEW, {}, known).outcome.created
    moved = repeat(RepeatMode.ALWAYS_NEW, {"txid": "T-1", "status": "approved"}, known).outcome
    assert (moved.created, moved.conversion.id, moved.verdict) == (False, known.id, Verdict.UPDATED)


def test_the_first_report_keeps_its_place_in_every_mode():
    """So that two first reports at one moment still collide."""
    for mode in RepeatMode:
        made = repeat(mode, {"txid": "T-1"}).outcome
        assert made.conversion.slot == f"{made.conversion.click_id}/gol_sale"


def test_a_limit_that_the_goal_sets_stays_in_force():
    """Modes are for goals that count once."""
    goal = make_goal(repeats=1)
    limited = replace(goal, repeats=2)
    known = [make_conversion(id=f"cnv_{number}", txid=f"T-{number}") for number in (1, 2)]
    decision = repeat(RepeatMode.ALWAYS_NEW, {"txid": "T-3"}, *known, goal=limited)
    assert decision.outcome.verdict is Verdict.DUPLICATE


def test_amounts_are_added_and_the_percentage_follows():
    """CPV Lab: cladd=true. Nothing fires, for the status stays."""
    known = make_conversion(amount=Money(1000, "EUR"), payout=Money(100, "EUR"), txid="T-1")
    decision = repeat(
        RepeatMode.ADD_AMOUNT, {"amount": "2.50", "txid": "T-2"}, known, goal=make_goal(**PERCENT)
    )
    after = decision.outcome.conversion
    assert (after.amount, after.payout, after.version) == (Money(1250, "EUR"), Money(125, "EUR"), 2)
    assert (decision.outcome.transition, after.txid, list(decision.deliveries)) == (None, "T-1", [])


def test_the_same_txid_again_adds_nothing():
    """It is the same report, sent twice; its status may still change."""
    known = make_conversion(amount=Money(1000, "EUR"), txid="T-1", status=Status.PENDING)
    again = repeat(RepeatMode.ADD_AMOUNT, {"amount": "10.00", "txid": "T-1"}, known)
    assert again.outcome.verdict is Verdict.DUPLICATE
    moved = repeat(
        RepeatMode.ADD_AMOUNT, {"amount": "10.00", "txid": "T-1", "status": "approved"}, known
    ).outcome
    assert (moved.conversion.status, moved.conversion.amount) == (Status.APPROVED, Money(1000, "EUR"))


def test_currencies_are_never_added_up():
    """Ten euros and two dollars are not twelve of anything."""
    known = make_conversion(amount=Money(1000, "EUR"))
    decision = repeat(RepeatMode.ADD_AMOUNT, {"amount": "2.00", "currency": "USD"}, known)
    assert decision.outcome.verdict is Verdict.BAD_CURRENCY
