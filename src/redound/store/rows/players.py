"""Rows of players, their facts and progress ↔ core values, in the order of the named queries' columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from redound.core.money import Money
from redound.core.players import Fact, FactKind, Player, Progress, ProgressState, Tally
from redound.core.rewards import RewardPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = Sequence[Any]
    Values = tuple[Any, ...]

_STATE: Final = {state.value: state for state in ProgressState}
_KIND: Final = {kind.value: kind for kind in FactKind}


def plan(row: Row) -> RewardPlan:
    """Read what `reward_plans` selects. Times may be text (SQLite)."""
    return RewardPlan(
        id=row[0],
        name=row[1],
        offer_id=row[2],
        goal_id=row[3],
        affiliate_id=row[4] or "",
        enabled=bool(row[5]),
        amount=Money(row[6], row[7]),
        first_deposit_minor=row[8],
        deposits_minor=row[9],
        deposit_count=row[10],
        wagers_minor=row[11],
        net_revenue_minor=row[12],
        within_days=row[13],
        valid_from=_ms(row[14]),
        valid_to=_ms(row[15]),
    )


def _ms(value: str | datetime | None) -> int | None:
    if value is None:
        return None
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return int((read.replace(tzinfo=UTC) if read.tzinfo is None else read).timestamp() * 1000)


def player(row: Row) -> Player:
    """Read what `players_of_customers` selects."""
    return Player(*row)


def player_values(given: Player) -> Values:
    """Return what `put_player` takes."""
    return (
        given.id,
        given.advertiser_id,
        given.customer_id,
        given.conversion_id,
        given.click_id,
        given.link_id,
        given.affiliate_id,
        given.campaign_id,
        given.offer_id,
        given.brand_id,
        given.registered_at,
    )


def fact(row: Row) -> Fact:
    """Read what `activity_of_customers` selects; columns 1 and 2 say whose it is."""
    return Fact(id=row[0], kind=_KIND[row[3]], at=row[4], amount=Money(row[5], row[6]), external_id=row[7])


def progress(row: Row) -> Progress:
    """Read what `progress_of_players` selects."""
    return Progress(
        plan_id=row[0],
        player_id=row[1],
        state=_STATE[row[2]],
        tally=Tally(*row[3:9]),
        deadline_at=row[9],
        conversion_id=row[10],
        made=bool(row[11]),
        qualified_at=row[12],
        updated_at=row[13],
        version=row[14],
    )


def progress_values(given: Progress) -> Values:
    """Return what `put_progress` takes."""
    counted = given.tally
    return (
        given.plan_id,
        given.player_id,
        given.state.value,
        counted.first_deposit_minor,
        counted.deposits_minor,
        counted.deposit_count,
        counted.wagers_minor,
        counted.net_revenue_minor,
        counted.other_currency,
        given.deadline_at,
        given.conversion_id,
        given.made,
        given.qualified_at,
        given.updated_at,
        given.version,
    )
