"""Bodies of reward plans and activity."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from redound.console.catalog.forms import Amount
from redound.console.forms import MAX_INT, Edit, Flag, Form, Id, Moment, Name
from redound.core.activity import MAX_TEXT

Number = Annotated[int, Field(ge=-MAX_INT, le=MAX_INT, strict=True)]
"""Whether a number makes sense in a plan is said there, with the reason."""
FactText = Annotated[str, StringConstraints(max_length=MAX_TEXT)]


class RewardPlanNew(Form):
    """What a player has to do. Thresholds and `amount` are decimal strings in `currency`, the offer's.

    At least one threshold is needed, and all that are given have to be met. `goal_id` is a goal of the offer
    of kind `qualified_cpa`; it may be left out when there is one. With `affiliate_id` the plan is that
    affiliate's own deal and takes the place of the offer's general plans.
    """

    name: Name
    offer_id: Id
    goal_id: Id | None = None
    affiliate_id: Id | None = None
    enabled: Flag = True
    amount: Amount
    currency: Annotated[str, StringConstraints(min_length=3, max_length=3)] | None = None
    first_deposit: Amount | None = None
    deposits: Amount | None = None
    deposit_count: Number | None = None
    wagers: Amount | None = None
    net_revenue: Amount | None = None
    within_days: Number | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class RewardPlanEdit(Edit, RewardPlanNew):
    """Changes of a reward plan; it stays with its offer and affiliate, and what was earned stays earned."""

    name: Name = ""
    offer_id: Id = ""
    amount: Amount = ""


class ActivityNew(Form):
    """One fact about a customer: a deposit, wager or net revenue. The same `external_id` is the same fact.

    `at` is RFC 3339, or a day. `amount` is a decimal string; net revenue may be negative.
    """

    advertiser_id: FactText
    customer_id: FactText
    kind: Literal["deposit", "wager", "net_revenue"]
    at: Annotated[FactText, Field(examples=["2026-11-20", "2026-11-20T12:00:00Z"])]
    amount: FactText
    currency: FactText
    external_id: FactText
