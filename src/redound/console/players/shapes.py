"""Reward plans, players and activity as the API shows them, and what affiliates do not see of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from redound.console.accounts.callers import Caller
from redound.console.clock import now_ms
from redound.console.forms import Instant, Shape
from redound.console.players import visibility
from redound.console.players.models import Activity, Evaluation, PlanProgress, Player, RewardPlan
from redound.console.players.plans import core_plan, core_progress
from redound.console.render import amount, maybe_moment, maybe_moment_ms, moment, moment_ms, money
from redound.core.ids import read_id
from redound.core.players import Threshold, days_left, progress_text, thresholds


class RewardPlanShape(Shape):
    """What a player has to do for a qualified CPA; amounts are decimal strings in `currency`."""

    id: str
    name: str
    offer_id: str
    goal_id: str
    affiliate_id: str | None
    enabled: bool
    amount: str
    currency: str
    first_deposit: str | None
    deposits: str | None
    deposit_count: int | None
    wagers: str | None
    net_revenue: str | None
    within_days: int | None
    valid_from: Instant | None
    valid_to: Instant | None
    created_at: Instant
    updated_at: Instant


class Amounts(Shape):
    """A decimal string and an ISO 4217 currency."""

    amount: str
    currency: str


class ThresholdShape(Shape):
    """One condition of a plan: `have` of `need`, decimal strings, or whole numbers for `deposit_count`."""

    name: str
    need: str
    have: str
    met: bool


class ProgressShape(Shape):
    """How far a player is with one plan. `text` says it in words.

    `state`: open, met (the conversion is about to be made), qualified, expired, barred (the registration was
    taken back). `other_currency` counts facts that were not added up because of their currency.
    """

    plan_id: str
    plan_name: str
    state: str
    text: str
    amount: Amounts
    thresholds: list[ThresholdShape]
    deadline_at: Instant | None
    days_left: int | None
    other_currency: int
    conversion_id: str | None
    qualified_at: Instant | None
    updated_at: Instant


class PlayerShape(Shape):
    """A customer who registered through a click. `advertiser_id` and `customer_id` are null for an affiliate.

    `next_evaluation_at`: when all players are evaluated next; one with news is evaluated within seconds.
    """

    id: str
    advertiser_id: str | None
    customer_id: str | None
    affiliate_id: str | None
    campaign_id: str | None
    link_id: str | None
    offer_id: str | None
    brand_id: str | None
    click_id: str | None
    conversion_id: str | None
    registered_at: Instant | None
    progress: list[ProgressShape]
    last_evaluation_at: Instant | None
    next_evaluation_at: Instant | None
    created_at: Instant
    updated_at: Instant


class NotCountedShape(Shape):
    """A plan for which a fact does not count, and why."""

    plan_id: str
    reason: str


class FactShape(Shape):
    """A fact about a player: stored by API or file, or (`conversion_id`) a reported deposit."""

    id: str | None
    kind: str
    at: Instant
    amount: Amounts | None
    external_id: str
    conversion_id: str | None
    counts_for: list[str]
    not_counted: list[NotCountedShape]


class ActivityShape(Shape):
    """A fact that came by API or file."""

    id: str
    advertiser_id: str
    customer_id: str
    kind: str
    at: Instant
    amount: Amounts
    external_id: str
    source: str
    created_at: Instant
    updated_at: Instant


def reward_plan(row: RewardPlan, caller: Caller) -> dict[str, Any]:
    """Return a RewardPlanShape's values."""
    del caller
    return {
        "id": row.pk,
        "name": row.name,
        "offer_id": row.offer_id,
        "goal_id": row.goal_id,
        "affiliate_id": row.affiliate_id,
        "enabled": row.enabled,
        "amount": amount(row.amount_minor, row.currency),
        "currency": row.currency,
        "first_deposit": amount(row.first_deposit_minor or None, row.currency),
        "deposits": amount(row.deposits_minor or None, row.currency),
        "deposit_count": row.deposit_count or None,
        "wagers": amount(row.wagers_minor or None, row.currency),
        "net_revenue": amount(row.net_revenue_minor or None, row.currency),
        "within_days": row.within_days,
        "valid_from": maybe_moment(row.valid_from),
        "valid_to": maybe_moment(row.valid_to),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def players(rows: Sequence[Player], caller: Caller) -> list[dict[str, Any]]:
    """Return the PlayerShape's values of a page; two queries for the progress and the schedule of all."""
    plans = visibility.reward_plans(caller).values("pk")
    progress: dict[str, list[dict[str, Any]]] = defaultdict(list)
    now = now_ms()
    found = (
        PlanProgress.objects.filter(player_id__in=[row.pk for row in rows], plan_id__in=plans)
        .select_related("plan")
        .order_by("plan_id")
    )
    for each in found:
        progress[each.player_id].append(_progress(each, now))
    schedule = Evaluation.objects.first()
    times = {
        "last_evaluation_at": maybe_moment_ms((schedule and schedule.last_at) or None),
        "next_evaluation_at": maybe_moment_ms((schedule and schedule.next_at) or None),
    }
    return [_player(row, progress[row.pk], caller) | times for row in rows]


def _player(row: Player, progress: list[dict[str, Any]], caller: Caller) -> dict[str, Any]:
    made = read_id(row.pk)
    created_at = moment_ms(made.time_ms if made else 0)
    changed = [each["updated_at"] for each in progress]
    return {
        "id": row.pk,
        "advertiser_id": row.advertiser_id if caller.manages else None,
        "customer_id": row.customer_id if caller.manages else None,
        "affiliate_id": row.affiliate_id or None,
        "campaign_id": row.campaign_id or None,
        "link_id": row.link_id or None,
        "offer_id": row.offer_id or None,
        "brand_id": row.brand_id or None,
        "click_id": row.click_id or None,
        "conversion_id": row.conversion_id or None,
        "registered_at": maybe_moment_ms(row.registered_at),
        "progress": progress,
        "created_at": created_at,
        "updated_at": max([created_at, *changed]),
    }


def _progress(row: PlanProgress, now: int) -> dict[str, Any]:
    plan, progress = core_plan(row.plan), core_progress(row)
    currency = plan.amount.currency
    return {
        "plan_id": plan.id,
        "plan_name": plan.name,
        "state": row.state,
        "text": progress_text(plan, progress, now),
        "amount": money(plan.amount.minor, currency),
        "thresholds": [_threshold(each, currency) for each in thresholds(plan, progress.tally)],
        "deadline_at": maybe_moment_ms(row.deadline_at),
        "days_left": days_left(row.deadline_at, now),
        "other_currency": row.other_currency,
        "conversion_id": row.conversion_id or None,
        "qualified_at": maybe_moment_ms(row.qualified_at),
        "updated_at": moment_ms(row.updated_at),
    }


def _threshold(each: Threshold, currency: str) -> dict[str, Any]:
    need, have = (
        amount(value, currency) if each.is_money else str(value) for value in (each.need, each.have)
    )
    return {"name": each.name, "need": need, "have": have, "met": each.met}


def activity(rows: Sequence[Activity], caller: Caller) -> list[dict[str, Any]]:
    """Return the ActivityShape's values of a page."""
    del caller
    return [
        {
            "id": row.pk,
            "advertiser_id": row.advertiser_id,
            "customer_id": row.customer_id,
            "kind": row.kind,
            "at": moment_ms(row.at),
            "amount": money(row.amount_minor, row.currency),
            "external_id": row.external_id,
            "source": row.source,
            "created_at": moment_ms(row.created_at),
            "updated_at": moment_ms(row.updated_at),
        }
        for row in rows
    ]
