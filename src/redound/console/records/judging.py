"""What managers do with refused reports: judge them again, one or by filter, and match them by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

from django.db.models import QuerySet
from pydantic import Field, StringConstraints, ValidationError

from redound.console import changing, claiming, intake
from redound.console.accounts.callers import Caller
from redound.console.catalogue import Catalogue
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.forms import Flag, Form, Shape
from redound.console.records.reports import ReportFilters, reports
from redound.console.render import Values
from redound.console.traffic.models import Report
from redound.core.decisions import Decision
from redound.core.reports import HTTP_STATUSES, Verdict

MOST = 1_000
"""Reports that one call judges again at most."""
AT_ONCE = 200
"""Reports judged again in one transaction."""
OK = 200
SETTLED = frozenset(verdict for verdict, status in HTTP_STATUSES.items() if status == OK)
UNPROVEN = frozenset({Verdict.BAD_TOKEN, Verdict.IP_NOT_ALLOWED})
"""Whoever sent these has not shown to be the advertiser: only a filter that names them takes them along."""
_NOT_FILTERS = frozenset({"limit", "cursor"})
_NOT_SENT = ["TEST", claiming.BY_HAND]
ClickId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class MatchForm(Form):
    """The click that a report belongs to."""

    click_id: ClickId


class JudgeForm(Form):
    """Which refused reports to judge again: filters as of the list. `cursor` goes on where a call ended."""

    filter: dict[str, str | bool] = Field(default_factory=dict)
    dry_run: Flag = True
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""


class JudgedShape(Shape):
    """`count` refused reports fit the filter; of them `judged` were judged again, with these verdicts."""

    count: int
    dry_run: bool
    judged: int
    verdicts: dict[str, int]
    next_cursor: str | None


def judge_many(form: JudgeForm, caller: Caller) -> Values:
    """Judge refused reports again, oldest first, or count them; return the JudgedShape's values."""
    found = refused(form.filter, caller)
    count = found.count()
    verdicts: Counter[str] = Counter()
    cursor = form.cursor
    while not form.dry_run and verdicts.total() < MOST:
        rows = list(found.filter(pk__gt=cursor).order_by("pk")[:AT_ONCE])
        if not rows:
            cursor = ""
            break
        verdicts.update(each.outcome.verdict.value for each in judge_rows(rows))
        cursor = rows[-1].pk
    return {
        "count": count,
        "dry_run": form.dry_run,
        "judged": verdicts.total(),
        "verdicts": dict(verdicts),
        "next_cursor": None if form.dry_run else cursor or None,
    }


def judge(row: Report) -> None:
    """Judge a report again, as the configuration now stands; ConflictError when it was not refused."""
    _check_refused(row)
    judge_rows([row])


def match(row: Report, form: MatchForm) -> None:
    """Take a refused report for one of this click, and judge it again."""
    _check_refused(row)
    click = changing.stored_click(form.click_id.lower())
    if click is None:
        detail = f"click_id: there is no click {form.click_id}."
        raise InvalidError([Fault("/click_id", "unknown_reference", detail)])
    intake.take([claiming.for_click(claiming.from_stored(row, Catalogue()), click.id)])


def may_be_judged(row: Report) -> bool:
    """Whether a report was refused, so that it can be judged again."""
    return row.verdict not in SETTLED and row.method not in _NOT_SENT


def refused(wanted: Mapping[str, str | bool], caller: Caller) -> QuerySet[Report]:
    """Return the refused reports that filters, named as those of the list, find."""
    unknown = [name for name in wanted if name not in ReportFilters.model_fields or name in _NOT_FILTERS]
    if unknown:
        raise InvalidError(
            [
                Fault(f"/filter/{name}", "unknown_filter", f"{name} is no filter of reports.")
                for name in unknown
            ]
        )
    try:
        filters = ReportFilters.model_validate(wanted)
    except ValidationError as error:
        faults = [
            Fault("/filter/" + "/".join(map(str, one["loc"])), one["type"], one["msg"])
            for one in error.errors()
        ]
        raise InvalidError(faults) from None
    rows = reports.rows(caller, filters)
    rows = rows.exclude(verdict__in=[*SETTLED]).exclude(method__in=_NOT_SENT)
    return rows if filters.verdict else rows.exclude(verdict__in=[*UNPROVEN])


def judge_rows(rows: Sequence[Report]) -> list[Decision]:
    """Judge these reports, all of them refused ones, in one transaction; return what was decided."""
    catalog = Catalogue()
    return intake.take([claiming.from_stored(row, catalog) for row in rows])


def _check_refused(row: Report) -> None:
    if not may_be_judged(row):
        raise ConflictError("not_refused", f"This report was not refused: it is {row.verdict}.")
