"""The checks of a report: each refusal, its order among the others, and its HTTP status."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redound.core.bearings import token_digest
from redound.core.claims import read_claim
from redound.core.conversions import Facts, Refusal, http_status
from redound.core.decisions import decide_report
from redound.core.ids import mint_click_id
from redound.core.reports import Claim, Verdict
from redound.core.states import Status
from tests.builders import (
    DAY_MS,
    KEYS,
    LINK_NUMBER,
    NOW,
    NOW_MS,
    OTHER_KEYS,
    make_advertiser,
    make_affiliate,
    make_click,
    make_click_id,
    make_goal,
    make_incoming,
    make_mint,
    make_offer,
    make_postback,
    make_world,
)
from tests.core.ledger import Ledger, verdict

if TYPE_CHECKING:
    from redound.core.decisions import Decision
    from tests.builders import World

CLICK = make_click()
TOKEN = "acme-token-1"
GUARDED = make_advertiser(
    token_digests=frozenset({token_digest(TOKEN), token_digest("acme-token-2")}),
    allowed_ips=("198.51.100.0/24", "2001:db8::/32"),
    status_words={"Paid-Out": Status.APPROVED},
)


def judged(world: World | None = None, **report: Any) -> Decision:
    """Report once into a fresh ledger; a refusal makes nothing and fires nothing."""
    ledger = Ledger(world or make_world(make_postback()), (CLICK,))
    decision = ledger.report(**report)
    if isinstance(decision.outcome, Refusal):
        assert not ledger.conversions
        assert decision.outcome.detail.endswith(".")
    return decision


def detail(decision: Decision) -> str:
    """The sentence a person reads."""
    return decision.outcome.detail


def test_a_request_that_could_not_be_read_keeps_its_refusal() -> None:
    """Parsing comes first."""
    refusal = Refusal(Verdict.MALFORMED, "Two values.")
    incoming = make_incoming(refusal=refusal)
    decision = decide_report(incoming, Facts(), make_world(), KEYS, make_mint())
    assert decision.outcome is refusal
    assert decision.click_id == incoming.claim.click_id


def test_without_anything_a_report_misses_its_click_id() -> None:
    """The first thing to look at."""
    assert verdict(judged(click_id="")) is Verdict.MISSING_CLICK_ID


def test_an_authenticated_report_that_leads_nowhere_says_so() -> None:
    """Neither its order nor its customer is known."""
    decision = judged(make_world(GUARDED), click_id="", txid="T9", token=TOKEN)
    assert verdict(decision) is Verdict.MISSING_CLICK_ID
    assert "neither its txid nor its customer ID" in detail(decision)
    assert decision.advertiser_id == GUARDED.id


@pytest.mark.parametrize(
    "value", ["{sub1}", "%7Bsub1%7D", "REPLACE", "OPTIONAL", "[CLICKID]", "#s2#", "CLICK_ID"]
)
def test_a_macro_in_the_place_of_the_click_id_is_named(value: str) -> None:
    """The advertiser's system did not know the name."""
    decision = judged(click_id=value)
    assert verdict(decision) is Verdict.UNREPLACED_MACRO
    assert repr(value) in detail(decision)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("txid", "{order_id}"),
        ("txid", "OPTIONAL"),
        ("customer_id", "[CUSTOMER]"),
        ("status", "{status}"),
        ("goal", "{event}"),
        ("amount", "{payout}"),
        ("amount", "OPTIONAL"),
        ("currency", "{currency}"),
    ],
)
def test_a_macro_in_another_place_is_named_too(field: str, value: str) -> None:
    """A literal {order_id} as txid would make all conversions one."""
    assert verdict(judged(**{field: value})) is Verdict.UNREPLACED_MACRO


@pytest.mark.parametrize("value", ["abc", "order-1001", "x" * 40, CLICK.id[:-1], CLICK.id + "0", "null"])
def test_what_has_not_the_shape_of_a_click_id_is_malformed(value: str) -> None:
    """Cut, extended or foreign."""
    assert verdict(judged(click_id=value)) is Verdict.MALFORMED_CLICK_ID


def test_a_forged_click_id_is_known_without_a_look_up() -> None:
    """Charlie made one up with a key of his own."""
    forged = mint_click_id(OTHER_KEYS, NOW_MS, LINK_NUMBER, b"charlie8")
    decision = judged(click_id=forged)
    assert verdict(decision) is Verdict.MALFORMED_CLICK_ID
    assert "made up" in detail(decision)


def test_a_click_id_in_capitals_is_found() -> None:
    """It is read without case by the parser."""
    claim = read_claim([("cid", CLICK.id.upper())])
    assert isinstance(claim, Claim)
    assert verdict(judged(click_id=claim.click_id)) is Verdict.ACCEPTED


def test_a_click_id_of_ours_that_is_not_stored_tells_its_age() -> None:
    """404, with the day on which it was made and the link on which."""
    decision = judged(click_id=make_click_id(NOW_MS - 400 * DAY_MS))
    assert verdict(decision) is Verdict.CLICK_NOT_FOUND
    assert detail(decision) == (
        "The click ID is ours, made on 2025-10-16 12:00 UTC on the link 'Banner', "
        "but the click is not stored any more."
    )
    unknown = judged(click_id=make_click_id(NOW_MS - DAY_MS, number=77))
    assert (verdict(unknown), "link" in detail(unknown)) == (Verdict.CLICK_NOT_FOUND, False)


def test_a_purged_click_has_expired_when_the_window_is_over() -> None:
    """The offer takes conversions for 30 days: a click of 31 days ago has expired, stored or not."""
    world = make_world(make_offer(conversion_window_days=30))
    for age, expected in ((31, Verdict.CLICK_EXPIRED), (30, Verdict.CLICK_NOT_FOUND)):
        incoming = make_incoming(Claim(click_id=make_click_id(NOW_MS - age * DAY_MS)))
        assert verdict(decide_report(incoming, Facts(), world, KEYS, make_mint())) is expected


def test_a_value_from_another_slot_is_recognised() -> None:
    """The database knows it as a txid; the configuration as an offer."""
    incoming = make_incoming(Claim(click_id="order-1001"))
    decision = decide_report(incoming, Facts(slot_hint="txid"), make_world(), KEYS, make_mint())
    assert verdict(decision) is Verdict.WRONG_SLOT
    assert detail(decision) == "'order-1001' is no click ID: we know it as a txid."
    offer = judged(click_id="ofr_shoes")
    assert detail(offer) == "'ofr_shoes' is no click ID: we know it as an offer."


@pytest.mark.parametrize("token", ["", "wrong-token"])
def test_an_advertiser_with_tokens_must_show_one(token: str) -> None:
    """Charlie knows a click ID only."""
    assert verdict(judged(make_world(GUARDED), token=token)) is Verdict.BAD_TOKEN


@pytest.mark.parametrize("token", [TOKEN, "acme-token-2"])
def test_either_of_two_tokens_will_do(token: str) -> None:
    """So that they can be changed one after the other."""
    assert verdict(judged(make_world(GUARDED), token=token)) is Verdict.ACCEPTED


def test_another_advertisers_token_is_refused() -> None:
    """Also where the click's advertiser has none."""
    other = make_advertiser(id="adv_other", token_digests=frozenset({token_digest("other-token")}))
    assert verdict(judged(make_world(GUARDED, other), token="other-token")) is Verdict.BAD_TOKEN
    assert verdict(judged(make_world(other), token="other-token")) is Verdict.BAD_TOKEN


def test_an_advertiser_without_tokens_accepts_on_the_click_id_alone() -> None:
    """Whatever else it sends as a token."""
    assert verdict(judged(token="something-of-its-own")) is Verdict.ACCEPTED


@pytest.mark.parametrize("ip", ["198.51.100.9", "::ffff:198.51.100.9", "2001:db8::7"])
def test_a_report_from_an_allowed_address_is_taken(ip: str) -> None:
    """IPv4 in IPv6 clothes, too."""
    assert verdict(judged(make_world(GUARDED), token=TOKEN, ip=ip)) is Verdict.ACCEPTED


@pytest.mark.parametrize("ip", ["203.0.113.1", "2001:db9::1", "", "nonsense"])
def test_a_report_from_elsewhere_is_refused(ip: str) -> None:
    """Even with the right token."""
    assert verdict(judged(make_world(GUARDED), token=TOKEN, ip=ip)) is Verdict.IP_NOT_ALLOWED


@pytest.mark.parametrize(("age_ms", "expected"), [(0, Verdict.ACCEPTED), (1, Verdict.CLICK_EXPIRED)])
def test_the_window_ends_exactly(age_ms: int, expected: Verdict) -> None:
    """Thirty days to the millisecond."""
    world = make_world(make_offer(conversion_window_days=30))
    assert verdict(judged(world, at=CLICK.created_at + 30 * DAY_MS + age_ms)) is expected


def test_the_window_is_for_new_conversions_only() -> None:
    """An approval after the window is not late: the conversion came in time."""
    ledger = Ledger(make_world(make_offer(conversion_window_days=1)))
    ledger.report(status="pending")
    decision = ledger.report(status="approved", at=NOW_MS + 10 * DAY_MS)
    assert verdict(decision) is Verdict.UPDATED


PAUSES = [
    (Verdict.OFFER_INACTIVE, lambda at: make_offer(paused_at=at)),
    (Verdict.AFFILIATE_INACTIVE, lambda at: make_affiliate(paused_at=at)),
]


@pytest.mark.parametrize(("expected", "paused"), PAUSES)
def test_a_pause_refuses_clicks_made_after_it(expected: Verdict, paused: Any) -> None:
    """Though such clicks should not exist."""
    assert verdict(judged(make_world(paused(NOW - timedelta(hours=2))))) is expected


@pytest.mark.parametrize(("expected", "paused"), PAUSES)
def test_what_was_earned_before_a_pause_is_paid(expected: Verdict, paused: Any) -> None:
    """Alice's click came before."""
    assert verdict(judged(make_world(paused(NOW - timedelta(minutes=30))))) is Verdict.ACCEPTED


TWO_GOALS = make_offer(make_goal(), make_goal("deposit"))


@pytest.mark.parametrize("name", ["deposit", "DEPOSIT", "gol_deposit"])
def test_a_goal_is_found_by_code_or_id(name: str) -> None:
    """Advertisers vary the case."""
    ledger = Ledger(make_world(TWO_GOALS))
    ledger.report(goal=name)
    assert ledger.only.goal_id == "gol_deposit"


def test_without_a_goal_the_base_goal_is_meant() -> None:
    """Wherever it stands in the list."""
    ledger = Ledger(make_world(make_offer(make_goal("deposit"), make_goal())))
    ledger.report()
    assert ledger.only.goal_id == "gol_sale"


def test_an_unknown_goal_is_refused_with_the_known_ones() -> None:
    """So that a person sees the typing error."""
    decision = judged(make_world(TWO_GOALS), goal="depsoit")
    assert verdict(decision) is Verdict.UNKNOWN_GOAL
    assert detail(decision) == "The offer has no goal 'depsoit' (its goals: sale, deposit)."


def test_without_a_base_goal_a_goal_must_be_named() -> None:
    """An offer may have none."""
    assert verdict(judged(make_world(make_offer(make_goal("deposit"))))) is Verdict.UNKNOWN_GOAL


@pytest.mark.parametrize(
    ("goal", "kept"), [("deposit", "gol_deposit"), ("whatever", "gol_sale"), ("", "gol_sale")]
)
def test_with_goals_off_a_known_goal_is_kept_and_anything_else_is_the_base(goal: str, kept: str) -> None:
    """Phonexa's switch."""
    ledger = Ledger(make_world(make_offer(make_goal(), make_goal("deposit"), goals_enabled=False)))
    ledger.report(goal=goal)
    assert ledger.only.goal_id == kept


def test_with_goals_off_a_base_goal_is_still_needed() -> None:
    """There is nothing else to count it as."""
    world = make_world(make_offer(make_goal("deposit"), goals_enabled=False))
    assert verdict(judged(world, goal="whatever")) is Verdict.UNKNOWN_GOAL


def test_an_unknown_status_word_is_refused_and_never_approved() -> None:
    """Whatever the goal's default is."""
    decision = judged(status="gut")
    assert verdict(decision) is Verdict.UNKNOWN_STATUS
    assert "'gut'" in detail(decision)


def test_an_advertisers_own_word_is_understood() -> None:
    """And kept as it was written."""
    ledger = Ledger(make_world(GUARDED, make_offer(make_goal(default_status=Status.PENDING))))
    ledger.report(status="paid-out", token=TOKEN)
    assert (ledger.only.status, ledger.only.status_word) == (Status.APPROVED, "paid-out")


@pytest.mark.parametrize(
    "amount", ["2,50", "$2.50", "abc", "-5", "1e3", "1.234", "NaN", "9" * 30, "1" + "0" * 14]
)
def test_an_amount_that_cannot_be_read_is_refused(amount: str) -> None:
    """Never zero, and never silently the goal's."""
    assert verdict(judged(amount=amount)) is Verdict.BAD_AMOUNT


def test_a_bad_amount_does_not_let_a_status_through_either() -> None:
    """The report is refused as a whole."""
    ledger = Ledger()
    ledger.report(status="pending")
    before = ledger.only
    assert verdict(ledger.report(status="approved", amount="2,50")) is Verdict.BAD_AMOUNT
    assert ledger.only is before


@pytest.mark.parametrize("currency", ["EURO", "€", "XXX", "12"])
def test_a_currency_we_do_not_know_is_refused(currency: str) -> None:
    """With an amount or without."""
    assert verdict(judged(currency=currency)) is Verdict.BAD_CURRENCY
    assert verdict(judged(currency=currency, amount="1")) is Verdict.BAD_CURRENCY


def test_an_amount_follows_its_currency() -> None:
    """Yen have no decimals."""
    assert verdict(judged(currency="JPY", amount="12.5")) is Verdict.BAD_AMOUNT
    assert verdict(judged(currency="JPY", amount="12")) is Verdict.ACCEPTED


OLD = NOW_MS + 400 * DAY_MS
BROKEN: list[tuple[dict[str, Any], Verdict]] = [
    ({"click_id": "abc"}, Verdict.MALFORMED_CLICK_ID),
    ({"token": "wrong"}, Verdict.BAD_TOKEN),
    ({"ip": "203.0.113.1"}, Verdict.IP_NOT_ALLOWED),
    ({"at": OLD}, Verdict.CLICK_EXPIRED),
    ({"goal": "unknown"}, Verdict.UNKNOWN_GOAL),
    ({"status": "unknown"}, Verdict.UNKNOWN_STATUS),
    ({"amount": "2,50"}, Verdict.BAD_AMOUNT),
]


@pytest.mark.parametrize("start", range(len(BROKEN)))
def test_checks_run_in_their_order(start: int) -> None:
    """Click, token, address, window, goal, status, money: the first that fails gives the verdict."""
    report: dict[str, Any] = {"token": TOKEN}
    for changes, _ in BROKEN[start:]:
        report |= changes
    world = make_world(GUARDED, make_offer(conversion_window_days=30))
    assert verdict(judged(world, **report)) is BROKEN[start][1]


def test_a_report_that_is_judged_again_needs_no_token() -> None:
    """Its token was masked before it was stored; Bob vouches for it."""
    decision = judged(make_world(GUARDED), ip="203.0.113.1", vouched=GUARDED.id)
    assert verdict(decision) is Verdict.ACCEPTED


def test_a_refusal_still_says_whom_it_concerns() -> None:
    """The list of what was received is filtered by these."""
    decision = judged(status="unknown")
    assert (decision.advertiser_id, decision.affiliate_id, decision.offer_id, decision.click_id) == (
        "adv_acme",
        "aff_alice",
        "ofr_shoes",
        CLICK.id,
    )


def test_an_offer_that_is_gone_is_inactive() -> None:
    """Its row was removed after the click."""
    world = make_world()
    world.offers.clear()
    assert verdict(judged(world)) is Verdict.OFFER_INACTIVE


@pytest.mark.parametrize(
    ("status", "verdicts"),
    [
        (200, "accepted updated duplicate ignored_status test"),
        (400, "unknown_goal unknown_status bad_amount bad_currency malformed missing_click_id"),
        (400, "unreplaced_macro malformed_click_id wrong_slot"),
        (404, "click_not_found click_expired"),
        (401, "bad_token"),
        (403, "ip_not_allowed offer_inactive affiliate_inactive"),
        (500, "internal_error"),
    ],
)
def test_each_verdict_has_its_http_status(status: int, verdicts: str) -> None:
    """As the interface promises."""
    assert {http_status(Verdict(name)) for name in verdicts.split()} == {status}


def test_every_verdict_answers_something() -> None:
    """None is forgotten."""
    assert all(http_status(each) for each in Verdict)


def test_judging_again_does_not_overrule_a_pause() -> None:
    """Bob vouches for the sender; the pause he can lift himself."""
    world = make_world(GUARDED, make_offer(paused_at=NOW - timedelta(hours=2)))
    assert verdict(judged(world, vouched=GUARDED.id)) is Verdict.OFFER_INACTIVE
