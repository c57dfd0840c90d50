"""What rows do: reports, changes of status and activity, decided and stored as from every other source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.console import claiming, intake
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.imports.statuses import change
from redound.console.players import taking
from redound.core.conversions import Accepted
from redound.core.csv_rows import Kind
from redound.core.reports import HTTP_STATUSES, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.console.imports.statuses import Changed
    from redound.core.decisions import Decision

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


def apply(task: Task, rows: Sequence[Row]) -> list[Told]:
    """Decide rows in their order and store what they lead to, in the present transaction."""
    match task.kind:
        case Kind.CONVERSIONS:
            return _reports(task, rows)
        case Kind.STATUSES:
            found = change(
                [each.values for each in rows], task.advertiser_id, task.by, task.import_id, dry=task.dry
            )
            return [_changed(row, each) for row, each in zip(rows, found, strict=True)]
        case Kind.ACTIVITY:
            return _activity(task, rows)


def _reports(task: Task, rows: Sequence[Row]) -> list[Told]:
    catalog, now = Catalogue(), now_ms()
    source = f"import={task.import_id}&row="
    batch = [
        claiming.from_csv(row.values, task.advertiser_id, f"{source}{row.number}", now, catalog)
        for row in rows
    ]
    decisions = intake.weigh(batch) if task.dry else intake.take(batch)
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
