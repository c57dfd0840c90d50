"""From what is stored about players to what has to be stored: progress, and conversions for what was earned.

Two steps, because few players earn something at a time: `settle` says where everybody stands, and for those
who met a plan the caller loads what `conclude` needs to make their conversions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from redound.core.conversions import Accepted
from redound.core.decisions import decide_qualified
from redound.core.players import (
    Player,
    ProgressState,
    all_facts,
    is_barred,
    judge_progress,
    registration_of,
    tally,
    tied,
)
from redound.core.reports import Verdict
from redound.core.rewards import plans_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.core.decisions import Catalog, Change, Mint
    from redound.core.players import PlayerBook, Progress
    from redound.core.rewards import RewardPlan


@dataclass(frozen=True, slots=True)
class Met:
    """A player met a plan; their registration is where the conversion comes from.

    `stored` says that the progress was met at an earlier evaluation already, and could not be paid then.
    """

    plan: RewardPlan
    progress: Progress
    registration: Conversion
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where a player stands: the rows that changed, the plans that were met, and rows of plans that left.

    `player_changed` says that the player is new or tied to another click now.
    """

    player: Player
    player_changed: bool
    progress: tuple[Progress, ...] = ()
    met: tuple[Met, ...] = ()
    left: tuple[Progress, ...] = ()


def settle(
    book: PlayerBook, plans: Sequence[RewardPlan], catalog: Catalog, now_ms: int, mint: Mint
) -> Settlement:
    """Return where a player stands with each plan; the same whatever the order in which facts arrived."""
    known = book.player or Player(mint("ply"), book.advertiser_id, book.customer_id)
    registration = registration_of(book.conversions, catalog)
    player = tied(known, registration)
    changed = player != book.player
    if registration is None or player.registered_at is None:
        return Settlement(player, changed)
    earned = [each.plan_id for each in book.progress.values() if each.state is ProgressState.QUALIFIED]
    open_to = plans_for(plans, player.offer_id, player.affiliate_id, player.registered_at, earned)
    facts = all_facts(book, catalog)
    barred = is_barred(registration, catalog)
    rows: list[Progress] = []
    met: list[Met] = []
    for plan in open_to:
        before = book.progress.get(plan.id)
        counted = tally(plan, player.registered_at, facts)
        progress = judge_progress(plan, player, counted, before, now_ms, barred=barred)
        if progress.state is ProgressState.MET:
            met.append(Met(plan, progress, registration, progress is before))
        if progress is not before:
            rows.append(progress)
    staying = {plan.id for plan in open_to} | set(earned)
    left = tuple(each for each in book.progress.values() if each.plan_id not in staying)
    return Settlement(player, changed, tuple(rows), tuple(met), left)


@dataclass(slots=True)
class Surroundings:
    """What making conversions needs to know: clicks by ID, the real conversions of each click, plans' own.

    It learns what is made with it, for two players may have come by one click.
    """

    clicks: Mapping[str, Click] = field(default_factory=dict)
    conversions: dict[str, list[Conversion]] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)


def conclude(
    met: Met, around: Surroundings, catalog: Catalog, now_ms: int, mint: Mint
) -> tuple[Progress, Change | None]:
    """Make the conversion of a plan that was met; return the progress as it then stands.

    The change is None when nothing is to be made: the advertiser reported it before (then it counts as
    earned by that), or the offer or goal is not known at this moment (then the plan stays met).
    """
    click_id = met.registration.click_id
    known = [
        each
        for each in around.conversions.get(click_id, ())
        if each.goal_id == met.plan.goal_id and not each.test
    ]
    change = decide_qualified(
        met.plan,
        met.progress.player_id,
        met.registration,
        around.clicks.get(click_id),
        known,
        around.planned,
        now_ms,
        catalog,
        mint,
    )
    outcome = change.outcome
    if isinstance(outcome, Accepted):
        around.conversions.setdefault(click_id, []).append(outcome.conversion)
        around.planned.add(outcome.conversion.id)
        return _earned(met, outcome.conversion.id, now_ms, made=True), change
    if outcome.verdict is Verdict.DUPLICATE:
        return _earned(met, outcome.conversion_id, now_ms, made=False), None
    return met.progress, None


def _earned(met: Met, conversion_id: str, now_ms: int, *, made: bool) -> Progress:
    return replace(
        met.progress,
        state=ProgressState.QUALIFIED,
        conversion_id=conversion_id,
        made=made,
        qualified_at=now_ms,
        updated_at=now_ms,
        version=met.progress.version + met.stored,
    )
