"""What a change of status added or took away: {payout_delta} and {amount_delta}."""

from __future__ import annotations

import pytest

from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change
from redound.core.freezing import freeze
from redound.core.money import Money
from redound.core.states import Actor, Status
from tests.builders import (
    NOW_MS,
    make_click,
    make_conversion,
    make_goal,
    make_mint,
    make_offer,
    make_postback,
    make_transition,
    make_world,
)
from tests.core.ledger import Ledger

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
EVERY = frozenset(Status)
SALE = make_conversion(payout=Money(1000, "EUR"), amount=Money(9990, "EUR"))


def deltas(from_status, to_status, conversion=SALE, before=None):
    """Payout and amount of what a transition changed."""
    transition = make_transition(conversion, from_status=from_status, to_status=to_status)
    offer = make_offer()
    values = freeze(None, offer, None, None, None, None, None, conversion, transition, before)
    return values.get("payout_delta"), values.get("amount_delta")


@pytest.mark.parametrize(
    ("from_status", "to_status", "expected"),
    [
        (None, APPROVED, ("10.00", "99.90")),
        (None, PENDING, ("0.00", "0.00")),
        (PENDING, APPROVED, ("10.00", "99.90")),
        (HOLD, APPROVED, ("10.00", "99.90")),
        (PENDING, REJECTED, ("0.00", "0.00")),
        (APPROVED, REFUNDED, ("-10.00", "-99.90")),
        (APPROVED, REJECTED, ("-10.00", "-99.90")),
        (REJECTED, APPROVED, ("10.00", "99.90")),
    ],
)
def test_money_counts_while_the_conversion_is_approved(from_status, to_status, expected):
    """Alice's tracker adds the deltas up and ends with what she earned."""
    assert deltas(from_status, to_status) == expected


def test_a_refund_takes_back_what_was_counted_before():
    """Acme's refund names another amount than the sale did: all of the sale is taken back."""
    refunded = make_conversion(payout=Money(300, "EUR"), amount=Money(3000, "EUR"), status=REFUNDED)
    assert deltas(APPROVED, REFUNDED, refunded, before=SALE) == ("-10.00", "-99.90")


def test_without_money_there_is_no_delta():
    """And across currencies there is no difference."""
    assert deltas(APPROVED, REFUNDED, make_conversion(payout=None)) == (None, None)
    dollars = make_conversion(payout=Money(500, "USD"), amount=None)
    assert deltas(APPROVED, REFUNDED, dollars, before=SALE)[0] is None


def test_currencies_without_decimals_stay_so():
    """Yen have none."""
    yen = make_conversion(payout=Money(1200, "JPY"), amount=None)
    assert deltas(APPROVED, REFUNDED, yen) == ("-1200", None)


def test_a_refund_by_a_manager_tells_alices_tracker_what_it_took():
    """The delivery carries it."""
    world = make_world(make_postback(statuses=EVERY))
    change = decide_change(
        SALE, make_click(), Facts(), REFUNDED, Actor.MANAGER, "bob", "", NOW_MS, world, make_mint()
    )
    assert isinstance(change.outcome, Accepted)
    assert change.outcome.before == SALE
    (delivery,) = change.deliveries
    assert (delivery.values["payout_delta"], delivery.values["amount_delta"]) == ("-10.00", "-99.90")


def test_reports_of_a_sale_and_its_refund_add_up_to_nothing():
    """A percentage of 200.00, approved later with 100.00, then refunded: +10.00 and -10.00."""
    goal = make_goal(payout_minor=None, payout_percent=10, default_status=PENDING)
    ledger = Ledger(make_world(make_postback(statuses=EVERY), make_offer(goal)))
    told = [
        ledger.report(amount="200", status="pending"),
        ledger.report(amount="100", status="approved"),
        ledger.report(status="refunded"),
    ]
    assert [each.deliveries[0].values["payout_delta"] for each in told] == ["0.00", "10.00", "-10.00"]


def test_a_paid_click_adds_its_price():
    """A CPC offer's click is earned at once."""
    from redound.core.catalog import PayoutModel

    offer = make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=15)
    values = freeze(make_click(), offer, None, None, None, None, None, None, None)
    assert values["payout_delta"] == "0.15"
