"""A manager's change of many conversions at once: first counted, then done in small transactions.

Counting and doing decide alike, by `core.decisions`; only the second stores. Each transaction takes few
conversions, so that reports for others never wait for long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import changing, named
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.identity import fresh_id
from redound.console.traffic.models import Click
from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change
from redound.core.reports import Verdict
from redound.core.states import Actor
from redound.store.plans.reports import change_steps
from redound.store.plans.steps import LostRaceError
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.traffic.models import Conversion
    from redound.core.clicks import Click as CoreClick
    from redound.core.conversions import Conversion as CoreConversion
    from redound.core.decisions import Change
    from redound.core.states import Status
    from redound.store.plans.steps import Step

AT_ONCE = 50
"""How many conversions a transaction changes."""


@dataclass(slots=True)
class Tally:
    """What a bulk change does, or would do.

    `postbacks` is how many deliveries it fires, `parked` how many of them wait for a disabled postback.
    `refused` maps conversion IDs to the sentence why their status cannot be changed so.
    """

    matched: int = 0
    changed: int = 0
    unchanged: int = 0
    postbacks: int = 0
    parked: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def count(self, conversion_id: str, change: Change) -> None:
        """Count one conversion."""
        self.matched += 1
        if isinstance(change.outcome, Accepted):
            self.changed += 1
            self.postbacks += len(change.deliveries)
            self.parked += sum(each.parked for each in change.deliveries)
        elif change.outcome.verdict is Verdict.DUPLICATE:
            self.unchanged += 1
        else:
            self.refused[conversion_id] = change.outcome.detail


def change_many(
    conversions: QuerySet[Conversion],
    ids: Sequence[str],
    to: Status,
    reason: str,
    caller: Caller,
    *,
    dry_run: bool,
) -> Tally:
    """Change these of the conversions, or with `dry_run` only count what that would do."""
    tally = Tally()
    for start in range(0, len(ids), AT_ONCE):
        part = conversions.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk")
        # Decided before the transaction, which holds up other writers on SQLite: compare-and-set makes up
        # for what changes in between.
        found = list(_decided(part, to, reason, caller))
        try:
            if not dry_run:
                _store(found)
        except LostRaceError:
            _one_by_one(part, to, reason, caller, tally)
        else:
            for conversion_id, change in found:
                tally.count(conversion_id, change)
    return tally


def foreseen(
    conversions: QuerySet[Conversion], ids: Sequence[str], statuses: Sequence[Status], caller: Caller
) -> dict[Status, Tally]:
    """Return what each of these statuses would do to the conversions, looking everything up once."""
    tallies = {to: Tally() for to in statuses}
    catalogue = Catalogue()
    for start in range(0, len(ids), AT_ONCE):
        known = _known(conversions.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk"))
        for to, tally in tallies.items():
            for conversion_id, change in _judged(known, to, "", caller, catalogue):
                tally.count(conversion_id, change)
    return tallies


@dataclass(frozen=True, slots=True)
class _Known:
    """Conversions, the clicks that are still kept, and what fired once already."""

    found: Sequence[CoreConversion]
    clicks: Mapping[str, CoreClick]
    facts: Facts


def _known(part: QuerySet[Conversion]) -> _Known:
    """Load what is known about conversions with three look-ups for all of them."""
    found = [rows.conversion(row) for row in part.values_list(*rows.CONVERSION)]
    wanted = {each.click_id for each in found}
    clicks = {row[0]: rows.click(row) for row in Click.objects.filter(pk__in=wanted).values_list(*rows.CLICK)}
    fired = named.select("fired_once", named.array([each.id for each in found]))
    facts = Facts(fired=frozenset((each["conversion_id"], each["postback_id"]) for each in fired))
    return _Known(found, clicks, facts)


def _decided(
    part: QuerySet[Conversion], to: Status, reason: str, caller: Caller
) -> Iterator[tuple[str, Change]]:
    """Decide each conversion, with what is known at this moment."""
    return _judged(_known(part), to, reason, caller, Catalogue())


def _judged(
    known: _Known, to: Status, reason: str, caller: Caller, catalogue: Catalogue
) -> Iterator[tuple[str, Change]]:
    now = now_ms()
    for each in known.found:
        click = known.clicks.get(each.click_id)
        change = decide_change(
            each, click, known.facts, to, Actor.MANAGER, caller.by, reason, now, catalogue, fresh_id
        )
        yield each.id, change


def _store(found: Sequence[tuple[str, Change]]) -> None:
    """Store changes in one transaction; LostRaceError, and nothing stored, when one came too late."""
    steps: list[Step] = []
    for _, change in found:
        if isinstance(change.outcome, Accepted):
            owed = changing.held_back(change.deliveries)
            steps += change_steps(
                change.outcome.conversion, change.outcome.transition, change.evaluations, owed
            )
    if steps:
        with transaction.atomic():
            named.perform(steps)


def _one_by_one(part: QuerySet[Conversion], to: Status, reason: str, caller: Caller, tally: Tally) -> None:
    """Change each in a transaction of its own: one of them was changed by somebody else meanwhile."""
    for conversion_id in list(part.values_list("pk", flat=True)):
        for _ in range(changing.TRIES):
            found = list(_decided(part.filter(pk=conversion_id), to, reason, caller))
            try:
                _store(found)
            except LostRaceError:
                continue
            for _, change in found:
                tally.count(conversion_id, change)
            break
        else:
            tally.matched += 1
            tally.refused[conversion_id] = "Others keep changing this conversion. Try again."
