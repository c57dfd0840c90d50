"""Reward plans as the core has them, and players' progress in them as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.money import Money
from redound.core.players import Progress, ProgressState, Tally
from redound.core.rewards import RewardPlan as CorePlan

if TYPE_CHECKING:
    from datetime import datetime

    from redound.console.players.models import PlanProgress, RewardPlan


def core_plan(row: RewardPlan) -> CorePlan:
    """Return a plan's row as the core has it."""
    return CorePlan(
        id=row.pk,
        name=row.name,
        offer_id=row.offer_id,
        goal_id=row.goal_id or "",
        affiliate_id=row.affiliate_id or "",
        enabled=row.enabled,
        amount=Money(row.amount_minor, row.currency),
        first_deposit_minor=row.first_deposit_minor,
        deposits_minor=row.deposits_minor,
        deposit_count=row.deposit_count,
        wagers_minor=row.wagers_minor,
        net_revenue_minor=row.net_revenue_minor,
        within_days=row.within_days,
        valid_from=_ms(row.valid_from),
        valid_to=_ms(row.valid_to),
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def core_progress(row: PlanProgress) -> Progress:
    """Return a row of progress as the core has it."""
    return Progress(
        plan_id=row.plan_id,
        player_id=row.player_id,
        state=ProgressState(row.state),
        tally=Tally(
            row.first_deposit_minor,
            row.deposits_minor,
            row.deposit_count,
            row.wagers_minor,
            row.net_revenue_minor,
            row.other_currency,
        ),
        deadline_at=row.deadline_at,
        conversion_id=row.conversion_id,
        made=row.made,
        qualified_at=row.qualified_at,
        updated_at=row.updated_at,
        version=row.version,
    )
