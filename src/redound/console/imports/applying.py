"""What rows do: reports, changes of status and activity, decided and stored as from every other source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redound.console import claiming, intake, named
from redound.console.catalogue import Catalogue, Lasting
from redound.console.clock import now_ms
from redound.console.imports.statuses import Imagined, change
from redound.console.players import taking
from redound.core.conversions import Accepted
from redound.core.csv_rows import Kind
from redound.core.reports import HTTP_STATUSES, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.console.imports.statuses import Changed
    from redound.console.intake import Vouched
    from redound.core.decisions import Decision
    from redound.store.plans.steps import Batch

OK = 200
SETTLED = frozenset(verdict.value for verdict, status in HTTP_STATUSES.items() if status == OK)
"""Verdicts of rows that are done: another run leaves them alone. All others are refusals."""

_FIELDS: Mapping[str, str] = {
    Verdict.MISSING_CLICK_ID: "click_id",
    Verdict.MALFORMED_CLICK_ID: "click_id",
    Verdict.CLICK_NOT_FOUND: "click_id",
    Verdict.CLICK_EXPIRED: "click_id",
    Verdict.WRONG_SLOT: "click_id",
    Verdict.UNKNOWN_GOAL: "goal",
    Verdict.UNKNOWN_STATUS: "status",
    Verdict.BAD_AMOUNT: "amount",
    Verdict.BAD_CURRENCY: "currency",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row that can be read: field → value."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of a row. `field` is the one at fault, `subject` the conversion or fact it led to."""

    row: int
    verdict: str
    field: str = ""
    detail: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Whose rows they are. With `dry` all is decided and nothing stored."""

    import_id: str
    kind: Kind
    advertiser_id: str
    by: str
    dry: bool
    lasting: Lasting = field(default_factory=Lasting)
    imagined: Imagined = field(default_factory=Imagined)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Rows that were decided before the transaction that stores them, so that it is short."""

    decisions: Sequence[Decision]
    told: list[Told]
    batches: list[Batch]

    def store(self) -> list[Told]:
        """Store what the rows lead to, in the present transaction.

        LostRaceError or DatabaseError where that cannot be: let it leave the transaction, then `apply`.
        """
        named.perform_batches(self.batches)
        if self.batches:
            intake.note(self.decisions)
        return self.told


def decide_ahead(task: Task, rows: Sequence[Row]) -> Ahead | None:
    """Decide rows outside of a transaction; None for kinds whose rows are decided as they are stored."""
    if task.kind is not Kind.CONVERSIONS:
        return None
    catalog = task.lasting.now()
    decisions = intake.weigh(_reports_of(task, rows, catalog), catalog)
    return Ahead(decisions, _told(task, rows, decisions), [] if task.dry else intake.storing(decisions))


def apply(task: Task, rows: Sequence[Row]) -> list[Told]:
    """Decide rows in their order and store what they lead to, in the present transaction."""
    match task.kind:
        case Kind.CONVERSIONS:
            return _reports(task, rows)
        case Kind.STATUSES:
            found = change(
                [each.values for each in rows],
                task.advertiser_id,
                task.by,
                task.import_id,
                task.imagined if task.dry else None,
            )
            return [_changed(row, each) for row, each in zip(rows, found, strict=True)]
        case Kind.ACTIVITY:
            return _activity(task, rows)


def _reports(task: Task, rows: Sequence[Row]) -> list[Told]:
    batch = _reports_of(task, rows, Catalogue())
    return _told(task, rows, intake.weigh(batch) if task.dry else intake.take(batch))


def _reports_of(task: Task, rows: Sequence[Row], catalog: Catalogue) -> list[Vouched]:
    now, source = now_ms(), f"import={task.import_id}&row="
    return [
        claiming.from_csv(row.values, task.advertiser_id, f"{source}{row.number}", now, catalog)
        for row in rows
    ]


def _told(task: Task, rows: Sequence[Row], decisions: Sequence[Decision]) -> list[Told]:
    return [_reported(row, decision, dry=task.dry) for row, decision in zip(rows, decisions, strict=True)]


def _reported(row: Row, decision: Decision, *, dry: bool) -> Told:
    outcome = decision.outcome
    verdict = outcome.verdict.value
    if isinstance(outcome, Accepted):
        kept = "" if dry and outcome.created else outcome.conversion.id
        return Told(row.number, verdict, subject=kept)
    field = _FIELDS.get(verdict, "") if verdict not in SETTLED else ""
    if field == "click_id" and field not in row.values:
        field = next((each for each in ("txid", "customer_id") if each in row.values), "")
    return Told(row.number, verdict, field, outcome.detail, outcome.conversion_id)


def _changed(row: Row, changed: Changed) -> Told:
    return Told(row.number, changed.verdict, changed.field, changed.detail, changed.conversion_id)


def _activity(task: Task, rows: Sequence[Row]) -> list[Told]:
    own = {"advertiser_id": task.advertiser_id} if task.advertiser_id else {}
    taken = taking.take([own | row.values for row in rows], "csv", task.by)
    return [
        Told(
            row.number,
            each.verdict.value,
            each.faults[0].pointer.lstrip("/") if each.faults else "",
            " ".join(fault.detail for fault in each.faults),
            "" if task.dry else each.id,
        )
        for row, each in zip(rows, taken, strict=True)
    ]
