"""Filling reward plans from forms: references, money, and whether the plan can be met at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.catalog import visibility
from redound.console.catalog.models import Goal, Offer
from redound.console.errors import Fault
from redound.console.players.plans import core_plan
from redound.console.writing import copy, is_new, refer
from redound.core.money import BadAmount, parse_amount, read_currency
from redound.core.rewards import MONEY_THRESHOLDS, plan_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.console.players.forms import RewardPlanNew
    from redound.console.players.models import RewardPlan

QUALIFIED = "qualified_cpa"


def fill_reward_plan(row: RewardPlan, form: RewardPlanNew, caller: Caller) -> Iterator[Fault]:
    """A plan of an offer, for all affiliates or one: possible to meet, and not met by everybody."""
    yield from refer(row, form, "offer_id", visibility.offers(caller), fixed=True)
    yield from refer(row, form, "affiliate_id", visibility.affiliates(caller), fixed=True)
    offer = Offer.objects.filter(pk=row.offer_id).first() if row.offer_id else None
    copy(row, form, "name", "enabled", "within_days", "valid_from", "valid_to")
    if "deposit_count" in form.given:
        row.deposit_count = form.deposit_count or 0
    if offer is None:
        return
    yield from _fill_goal(row, form)
    faults = list(_fill_currency(row, form, offer)) or list(_fill_amounts(row, form))
    yield from faults
    if not faults:
        for problem in plan_problems(core_plan(row), offer.currency):
            yield Fault(f"/{problem.field}" if problem.field else "", problem.code, problem.sentence)


def _fill_goal(row: RewardPlan, form: RewardPlanNew) -> Iterator[Fault]:
    """Take the goal that is named, or the only one that can be meant."""
    if "goal_id" not in form.given:
        return
    possible = list(Goal.objects.filter(offer_id=row.offer_id, kind=QUALIFIED).order_by("pk"))
    named = [goal for goal in possible if goal.pk == form.goal_id] if form.goal_id else possible
    if len(named) == 1:
        row.goal = named[0]
        return
    codes = ", ".join(f"{goal.pk} ({goal.code})" for goal in possible)
    if not possible:
        detail = (
            f"goal_id: the offer has no goal of kind {QUALIFIED}. Create one first: it is what is paid for."
        )
    else:
        detail = f"goal_id: name one of the offer's goals of kind {QUALIFIED}: {codes}."
    yield Fault("/goal_id", "no_goal", detail)


def _fill_currency(row: RewardPlan, form: RewardPlanNew, offer: Offer) -> Iterator[Fault]:
    if "currency" not in form.given:
        return
    currency = read_currency(form.currency) if form.currency is not None else offer.currency
    if currency is None:
        yield Fault(
            "/currency", "bad_currency", f"{form.currency!r} is not a currency of ISO 4217. Write EUR or USD."
        )
        return
    if not is_new(row) and currency != row.currency:
        yield Fault(
            "/currency",
            "fixed",
            f"Its amounts are in {row.currency}. Make a new plan for another currency.",
        )
        return
    row.currency = currency


def _fill_amounts(row: RewardPlan, form: RewardPlanNew) -> Iterator[Fault]:
    for name in ("amount", *MONEY_THRESHOLDS):
        if name not in form.given:
            continue
        text = getattr(form, name)
        if text is None:
            setattr(row, f"{name}_minor", 0)
            continue
        money = parse_amount(text, row.currency)
        if isinstance(money, BadAmount):
            yield Fault(f"/{name}", "bad_amount", f"{name}: {money.sentence}")
        else:
            setattr(row, f"{name}_minor", money.minor)
