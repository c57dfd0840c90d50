"""Reward plans: what a player has to do, and within which time, for an affiliate to earn a qualified CPA.

A plan belongs to an offer. One that names an affiliate is that affiliate's own deal and takes the place of
the offer's general plans; several plans of the same scope (steps of a ladder) each count on their own.
(ReferOn: reward plans, Qualified CPA.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from redound.core.money import MAX_MINOR, format_minor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from redound.core.money import Money

DAY_MS: Final = 86_400_000
MAX_DAYS: Final = 3_650
MAX_COUNT: Final = 1_000_000
MAX_THRESHOLD_MINOR: Final = 10**15
"""The largest threshold and amount, so that sums of facts beside it still fit the databases' 64 bits."""

MONEY_THRESHOLDS: Final = ("first_deposit", "deposits", "wagers", "net_revenue")


@dataclass(frozen=True, slots=True)
class RewardPlan:
    """Thresholds, all of which have to be met, and what is paid for that.

    Thresholds are in minor units of `amount.currency`, 0 for none. `goal_id` is the offer's goal of kind
    `qualified_cpa` that conversions are made for. `affiliate_id` is "" for a general plan. `within_days`
    counts from the registration, None for no limit. A player takes part who registers from `valid_from`
    (inclusive, ms) to `valid_to` (exclusive, ms).
    """

    id: str
    name: str
    offer_id: str
    goal_id: str
    amount: Money
    affiliate_id: str = ""
    enabled: bool = True
    first_deposit_minor: int = 0
    deposits_minor: int = 0
    deposit_count: int = 0
    wagers_minor: int = 0
    net_revenue_minor: int = 0
    within_days: int | None = None
    valid_from: int | None = None
    valid_to: int | None = None

    def takes(self, registered_at: int) -> bool:
        """Whether a player who registered then takes part."""
        begun = self.valid_from is None or registered_at >= self.valid_from
        return begun and (self.valid_to is None or registered_at < self.valid_to)

    def deadline(self, registered_at: int) -> int | None:
        """Return until when (ms, exclusive) what a player does counts; None for ever."""
        return None if self.within_days is None else registered_at + self.within_days * DAY_MS


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Why a plan cannot be: the field at fault, a code and a sentence."""

    field: str
    code: str
    sentence: str


def plan_problems(plan: RewardPlan, offer_currency: str) -> Iterator[PlanProblem]:
    """Return what makes a plan impossible to meet, or met by everybody; nothing when it makes sense."""
    currency = plan.amount.currency
    if currency != offer_currency:
        yield PlanProblem(
            "currency",
            "wrong_currency",
            f"The plan is in {currency}, the offer in {offer_currency}: amounts of different currencies are "
            f"never added up. Use {offer_currency}.",
        )
    if not 0 < plan.amount.minor <= MAX_THRESHOLD_MINOR:
        yield PlanProblem("amount", "bad_amount", "The amount must be above zero: it is what a player earns.")
    yield from _threshold_problems(plan)
    if plan.within_days is not None and not 0 < plan.within_days <= MAX_DAYS:
        yield PlanProblem(
            "within_days",
            "bad_window",
            f"within_days is {plan.within_days}; nobody can meet a plan in that time. Use 1 to {MAX_DAYS}, "
            "or null for no limit.",
        )
    if plan.valid_from is not None and plan.valid_to is not None and plan.valid_to <= plan.valid_from:
        yield PlanProblem(
            "valid_to",
            "bad_period",
            "The plan would end before it begins: valid_to must be later than valid_from.",
        )


def _threshold_problems(plan: RewardPlan) -> Iterator[PlanProblem]:
    currency = plan.amount.currency
    every = {name: getattr(plan, f"{name}_minor") for name in MONEY_THRESHOLDS}
    for name, minor in every.items():
        if not 0 <= minor <= MAX_THRESHOLD_MINOR:
            yield PlanProblem(
                name, "bad_threshold", f"{name} must be zero or above, and at most {MAX_THRESHOLD_MINOR}."
            )
    if not 0 <= plan.deposit_count <= MAX_COUNT:
        yield PlanProblem(
            "deposit_count", "bad_threshold", f"deposit_count must be from 0 to {MAX_COUNT}, 0 for none."
        )
    if not plan.deposit_count and not any(every.values()):
        yield PlanProblem(
            "",
            "no_threshold",
            "The plan has no threshold, so every registration would earn it. Set at least one of "
            f"{', '.join((*MONEY_THRESHOLDS, 'deposit_count'))}.",
        )
    if 0 < plan.deposits_minor < plan.first_deposit_minor:
        first, total = plan.first_deposit_minor, plan.deposits_minor
        yield PlanProblem(
            "deposits",
            "contradiction",
            f"deposits is {_text(total, currency)}, first_deposit {_text(first, currency)}: whoever makes "
            "that first deposit has passed the total already. Raise deposits or leave it out.",
        )


def _text(minor: int, currency: str) -> str:
    return format_minor(min(minor, MAX_MINOR), currency)


def plans_for(
    plans: Iterable[RewardPlan],
    offer_id: str,
    affiliate_id: str,
    registered_at: int,
    earned: Collection[str] = (),
) -> list[RewardPlan]:
    """Return the plans that a player of this affiliate, registered then at this offer, can meet.

    The affiliate's own, when one takes the player, else the general ones. `earned` are IDs of plans that the
    player met before: a deal that replaces another one later does not pay again for what that one paid.
    """
    scopes = ("", affiliate_id)
    concerned = [plan for plan in plans if plan.offer_id == offer_id and plan.affiliate_id in scopes]
    fitting = [plan for plan in concerned if plan.enabled and plan.takes(registered_at)]
    deciding = [plan for plan in concerned if plan.id in earned] or fitting
    own = any(plan.affiliate_id for plan in deciding)
    return [plan for plan in fitting if bool(plan.affiliate_id) == own]
