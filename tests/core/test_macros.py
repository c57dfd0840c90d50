"""The macro registry, and taking values down for a delivery."""

from __future__ import annotations

import pytest

from redound.core.aliases import ALIASES, AMBIGUOUS, suggest
from redound.core.freezing import freeze
from redound.core.macros import (
    AT_CLICK,
    AT_SENDING,
    MACROS,
    MANAGER_ONLY,
    PARAM_MACRO,
    example_values,
    find,
    resolve,
    without_manager_only,
)
from redound.core.modifiers import MODIFIERS
from redound.core.money import Money
from redound.core.states import Status
from tests.builders import (
    NOW_MS,
    make_affiliate,
    make_campaign,
    make_click,
    make_conversion,
    make_goal,
    make_link,
    make_offer,
    make_transition,
    make_world,
)
from tests.docs.pages import page

PROMISED = """
    click_id source conversion_id txid postback_id delivery_id attempt goal goal_id goal_name event_type
    operation status status_word previous_status payout payout_minor revenue amount currency affiliate_id
    affiliate_name offer_id offer_name brand_id brand_name campaign_id campaign_name link_id customer_id
    country ip user_agent referrer click_time conversion_time event_time timestamp random test sig
    payout_delta amount_delta
"""
WORLD = make_world()


def frozen(click=None, conversion=None, transition=None, goal=None, offer=None):
    """The values for these, of Alice's link and campaign."""
    return freeze(
        click,
        offer or make_offer(),
        WORLD.brand("brd_play"),
        make_campaign(),
        make_link(),
        make_affiliate(),
        goal,
        conversion,
        transition,
    )


def test_every_promised_macro_is_there():
    """Alice can write every name that the product promises, and no other."""
    subs = [f"sub{number}" for number in range(1, 21)]
    adv_subs = [f"adv_sub{number}" for number in range(1, 11)]
    assert set(MACROS) == {*PROMISED.split(), *subs, *adv_subs}


def test_every_macro_is_described():
    """Each says what it means, where it comes from, and shows an example."""
    assert all(macro.meaning and macro.example and macro.name == name for name, macro in MACROS.items())
    assert example_values().keys() == MACROS.keys()


def test_only_revenue_is_hidden_from_affiliates():
    """What the advertiser pays the network is the manager's business."""
    assert {"revenue"} == MANAGER_ONLY
    assert without_manager_only({"revenue": "20.00", "payout": "10.00"}) == {"payout": "10.00"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("sub1", "sub1"),
        ("affS1", "sub1"),
        ("affS5", "sub5"),
        ("aff_sub", "sub1"),
        ("aff_sub5", "sub5"),
        ("p1", "sub1"),
        ("p10", "sub10"),
        ("SubId3", "sub3"),
        ("Payout", "payout"),
        ("OrderId", "txid"),
        ("param.utm_source", "param.utm_source"),
        ("param.Weird-name.x", "param.Weird-name.x"),
        ("param.sub3", "sub3"),
        ("param.source", "source"),
    ],
)
def test_names_and_aliases_are_resolved(written, name):
    """A name of another platform that means one thing works; slots keep their number."""
    assert resolve(written) == name
    assert find(name).meaning


@pytest.mark.parametrize(
    "written", ["clickid", "cid", "subid", "transaction_id", "tid", "SUB1", "sub21", "sub0", "param.", ""]
)
def test_other_names_are_unknown(written):
    """Names with several meanings, and mistakes, are never guessed."""
    assert resolve(written) is None


def test_aliases_lead_to_macros_and_shadow_none():
    """Every alias leads to a real macro, and no name is both an alias and something else."""
    assert set(ALIASES.values()) <= set(MACROS)
    assert not set(ALIASES) & set(MACROS)
    assert not set(AMBIGUOUS) & (set(ALIASES) | set(MACROS))


def test_both_readings_of_an_ambiguous_name_are_offered():
    """Alice wrote {clickid}: it may be her tracker's or ours, and she is told how to write each."""
    sentence, names = suggest("clickid", MACROS)
    assert names == ("sub1", "click_id")
    assert "{sub1}" in sentence
    assert "{click_id}" in sentence


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("SUB1", "sub1"),
        ("payuot", "payout"),
        ("statuss", "status"),
        ("conversionid", "conversion_id"),
        ("AFF_SUB2", "aff_sub2"),
        ("click-id", "click_id"),
        ("gclid", "param.gclid"),
    ],
)
def test_a_mistake_gets_a_suggestion(written, first):
    """The nearest name comes first; what is near to none may be a parameter of the link."""
    sentence, names = suggest(written, MACROS)
    assert names[0] == first
    assert f"{{{first}}}" in sentence


def test_a_conversion_is_taken_down():
    """Everything that Alice's postback for a new sale may send is frozen as text."""
    click = make_click(
        params={"sub1": "abc", "source": "news", "utm_source": "mail", "empty": ""}, country="DE"
    )
    conversion = make_conversion(
        txid="order-1",
        status_word="confirmed",
        amount=Money(9990, "EUR"),
        customer_id="c-7",
        adv_subs={"adv_sub1": "x"},
    )
    values = frozen(click, conversion, make_transition(conversion), make_goal())
    assert values == {
        "click_id": click.id,
        "sub1": "abc",
        "source": "news",
        "param.utm_source": "mail",
        "country": "DE",
        "ip": click.ip,
        "user_agent": click.user_agent,
        "referrer": click.referrer,
        "click_time": "2026-11-20T11:00:00.000Z",
        "affiliate_id": "aff_alice",
        "affiliate_name": "Alice",
        "offer_id": "ofr_shoes",
        "offer_name": "Shoes",
        "brand_id": "brd_play",
        "brand_name": "Acme Play",
        "campaign_id": "cmp_autumn",
        "campaign_name": "Autumn",
        "link_id": "lnk_banner",
        "goal": "sale",
        "goal_id": "gol_sale",
        "goal_name": "Sale",
        "event_type": "sale",
        "conversion_id": "cnv_1",
        "txid": "order-1",
        "operation": "create",
        "status": "approved",
        "status_word": "confirmed",
        "payout": "10.00",
        "payout_minor": "1000",
        "revenue": "15.00",
        "amount": "99.90",
        "payout_delta": "10.00",
        "amount_delta": "99.90",
        "currency": "EUR",
        "customer_id": "c-7",
        "adv_sub1": "x",
        "conversion_time": "2026-11-20T12:00:00.000Z",
        "event_time": "2026-11-20T12:00:00.000Z",
    }


def test_a_change_of_status_is_taken_down():
    """A refund tells what it was before, when it happened, and that it is an update."""
    conversion = make_conversion(status=Status.REFUNDED)
    transition = make_transition(
        conversion, from_status=Status.APPROVED, to_status=Status.REFUNDED, at=NOW_MS + 61_005
    )
    values = frozen(make_click(), conversion, transition, make_goal())
    assert values["status"] == "refunded"
    assert values["previous_status"] == "approved"
    assert values["operation"] == "update"
    assert values["conversion_time"] == "2026-11-20T12:00:00.000Z"
    assert values["event_time"] == "2026-11-20T12:01:01.005Z"


def test_a_click_event_is_taken_down():
    """A CPC postback knows what the click pays, and nothing of a conversion."""
    values = frozen(make_click(), offer=make_offer(cpc_payout_minor=25))
    assert values["event_type"] == values["operation"] == "click"
    assert values["payout"] == "0.25"
    assert values["payout_minor"] == "25"
    assert values["event_time"] == values["click_time"]
    assert not values.keys() & {"status", "conversion_id", "goal", "revenue"}


def test_without_its_click_a_conversion_still_tells_what_it_knows():
    """The click was deleted after its retention; the conversion keeps its IDs."""
    conversion = make_conversion()
    values = frozen(None, conversion, make_transition(conversion), make_goal())
    assert values["click_id"] == conversion.click_id
    assert values["affiliate_id"] == "aff_alice"
    assert "sub1" not in values


def test_the_currency_is_the_payouts():
    """Amount in dollars, payout in the offer's euros: {currency} goes with {payout}."""
    conversion = make_conversion(amount=Money(9990, "USD"))
    assert frozen(make_click(), conversion, make_transition(conversion))["currency"] == "EUR"
    unpaid = make_conversion(amount=Money(9990, "USD"), payout=None)
    assert frozen(make_click(), unpaid, make_transition(unpaid))["currency"] == "USD"


def test_zero_is_a_payout_and_nothing_is_none():
    """A payout of nothing is sent as 0.00, a payout that there is not as an empty string."""
    paid = make_conversion(payout=Money(0, "EUR"))
    assert frozen(make_click(), paid, make_transition(paid))["payout"] == "0.00"
    unpaid = make_conversion(payout=None, revenue=None)
    assert "payout" not in frozen(make_click(), unpaid, make_transition(unpaid))


@pytest.mark.parametrize(("click", "conversion"), [(True, False), (False, True)])
def test_a_test_is_marked(click, conversion):
    """A tracker can tell Alice's test from the real thing."""
    tested = make_conversion(test=conversion)
    assert frozen(make_click(test=click), tested, make_transition(tested))["test"] == "1"


def test_a_link_parameter_never_takes_a_macros_name():
    """A visitor's `status=approved` in the link is only ever {param.status}."""
    click = make_click(params={"status": "approved", "revenue": "9", "sig": "x", "click_id": "y"})
    values = frozen(click)
    assert values["param.status"] == "approved"
    assert values["param.click_id"] == "y"
    assert values["click_id"] == click.id
    assert not values.keys() & {"status", "revenue", "sig"}


def test_what_is_known_when_says_the_registry():
    """Landing URLs may use what a click knows; what an attempt adds is not frozen."""
    assert {"click_id", "sub20", "source", "country", "affiliate_id", "offer_name", "link_id"} <= AT_CLICK
    assert not AT_CLICK & {"status", "goal", "payout", "delivery_id"}
    assert {"postback_id", "delivery_id", "attempt", "timestamp", "random", "sig"} == AT_SENDING
    assert not frozen(make_click(), make_conversion(), make_transition(), make_goal()).keys() & AT_SENDING


def test_the_page_tells_of_each_macro_what_the_registry_does():
    """Alice reads the same meaning and example on the page as in the portal, and who may use it."""
    text = page("docs/macros.md").text
    for macro in (*MACROS.values(), PARAM_MACRO):
        _, found, section = text.partition(f"#### `{{{macro.name}}}`\n")
        described = section.partition("\n#")[0]
        assert found, macro.name
        assert macro.meaning in described
        assert f"`{macro.example}`" in described
        assert ("Manager only" in described) == (macro.name in MANAGER_ONLY)


def test_the_page_lists_aliases_ambiguous_names_and_modifiers():
    """What works, what does not and why stands on one page."""
    text = page("docs/macros.md").text
    assert [alias for alias, name in ALIASES.items() if f"| `{{{alias}}}` | `{{{name}}}` |" not in text] == []
    assert [name for name in AMBIGUOUS if f"| `{{{name}}}` |" not in text] == []
    assert [name for name in MODIFIERS if f"| `{name}" not in text] == []
