"""What managers do with reports: send them over the API, judge refused ones again, match them by hand."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, ValidationError

from redound.console import changing, claiming, intake
from redound.console.api import conversions, reports
from redound.console.api.conversions import ConversionShape
from redound.console.api.filters import narrow
from redound.console.api.reports import ReportFilters, ReportShape
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.forms import Flag, Form, Shape
from redound.console.traffic.models import Report
from redound.core.conversions import Accepted
from redound.core.decisions import Decision
from redound.core.reports import HTTP_STATUSES, Refusal, Verdict

MAX_BATCH = 1_000
AT_ONCE = 200
"""Reports judged again in one transaction."""
OK = 200
SETTLED = frozenset(verdict for verdict, status in HTTP_STATUSES.items() if status == OK)
UNPROVEN = frozenset({Verdict.BAD_TOKEN, Verdict.IP_NOT_ALLOWED})
"""Whoever sent these has not shown to be the advertiser: only a filter that names them takes them along."""

router = Router(tags=["reports"])
ClickId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Value = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class ReportNew(BaseModel):
    """A result of a click. Without a click ID, `advertiser_id` and a txid or customer ID lead to one."""

    model_config = ConfigDict(extra="forbid")

    click_id: str | None = None
    advertiser_id: str | None = None
    goal: str | None = None
    status: str | None = None
    amount: str | None = None
    currency: str | None = None
    txid: str | None = None
    customer_id: str | None = None
    adv_sub1: str | None = None
    adv_sub2: str | None = None
    adv_sub3: str | None = None
    adv_sub4: str | None = None
    adv_sub5: str | None = None
    adv_sub6: str | None = None
    adv_sub7: str | None = None
    adv_sub8: str | None = None
    adv_sub9: str | None = None
    adv_sub10: str | None = None


def _one_or_many(schema: dict[str, Any]) -> None:
    """Document what is checked report by report, so that each can have a verdict of its own."""
    one = ReportNew.model_json_schema()
    schema.clear()
    schema["title"] = "ReportBody"
    schema["oneOf"] = [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_BATCH}]


class ReportBody(RootModel[dict[str, Any] | list[Any]]):
    """One report, or up to 1,000 of them."""

    model_config = ConfigDict(json_schema_extra=_one_or_many)


class ReportVerdict(Shape):
    """What was made of one report."""

    index: int
    verdict: str
    report_id: str
    click_id: str | None
    conversion_id: str | None
    detail: str


class ReportVerdicts(Shape):
    """The verdicts in the order of the batch, and how many there are of each."""

    data: list[ReportVerdict]
    verdicts: dict[str, int]


class ConversionNew(Form):
    """A conversion that a manager makes by hand; fields as in a report, and the reason."""

    click_id: ClickId
    goal: Value | None = None
    status: Value | None = None
    amount: Value | None = None
    currency: Value | None = None
    txid: Value | None = None
    customer_id: Value | None = None
    reason: Value | None = None


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


def _told(decision: Decision, index: int) -> Values:
    outcome = decision.outcome
    conversion_id = outcome.conversion.id if isinstance(outcome, Accepted) else outcome.conversion_id
    return {
        "index": index,
        "verdict": outcome.verdict.value,
        "report_id": decision.incoming.report_id,
        "click_id": decision.click_id or None,
        "conversion_id": conversion_id or None,
        "detail": outcome.detail,
    }


@reports.router.post("/reports", response=ReportVerdict | ReportVerdicts)
def take_reports(request: ApiRequest, body: ReportBody) -> Values:
    """Report one result, or a batch of up to 1,000; each gets a verdict, as if its advertiser had sent it.

    All are kept, whatever their verdict, and answer 200; those that are accepted are stored with their
    postbacks before the answer.
    """
    given, now, catalog = body.root, now_ms(), Catalogue()
    ip = request.META.get("REMOTE_ADDR", "")
    if not isinstance(given, list):
        (only,) = intake.take([claiming.from_api(given, ip, now, catalog)])
        return _told(only, 0)
    if not 0 < len(given) <= MAX_BATCH:
        detail = f"A batch has 1 to {MAX_BATCH} reports, this one {len(given)}. Send it in parts."
        raise InvalidError([Fault("", "batch_size", detail)])
    decisions = intake.take([claiming.from_api(each, ip, now, catalog) for each in given])
    data = [_told(decision, index) for index, decision in enumerate(decisions)]
    return {"data": data, "verdicts": dict(Counter(each["verdict"] for each in data))}


_POINTERS = {
    Verdict.UNKNOWN_GOAL: "/goal",
    Verdict.UNKNOWN_STATUS: "/status",
    Verdict.BAD_AMOUNT: "/amount",
    Verdict.BAD_CURRENCY: "/currency",
    Verdict.MALFORMED: "",
}


@conversions.router.post("/conversions", response={201: ConversionShape}, by_alias=True)
def create_conversion(request: ApiRequest, form: ConversionNew, response: HttpResponse) -> Status[Values]:
    """Make a conversion by hand, of a click that is known; postbacks fire as for a report.

    409 when the click's goal has its conversion already: change that one's status instead.
    """
    given = {name: value for name, value in form.model_dump().items() if value and name != "reason"}
    vouched = claiming.from_api(given, "", now_ms(), Catalogue(), claiming.BY_HAND)
    made = intake.make(vouched, request.caller.by, form.reason or "", changing.manual_delay_ms())
    if isinstance(made, Refusal):
        if made.verdict in {Verdict.DUPLICATE, Verdict.UPDATED, Verdict.IGNORED_STATUS}:
            raise ConflictError("conversion_exists", f"{made.detail} It is {made.conversion_id}.")
        raise InvalidError([Fault(_POINTERS.get(made.verdict, "/click_id"), made.verdict, made.detail)])
    response["Location"] = f"{request.path}/{made}"
    return Status(201, conversions.conversions.get(request, made, response))


@router.post("/reports/judge", response=JudgedShape)
def judge_reports(request: ApiRequest, form: JudgeForm) -> Values:
    """Judge refused reports again, oldest first; with `dry_run`, which is the default, only count them.

    At most 1,000 a call: go on with `next_cursor`. `bad_token` and `ip_not_allowed` are judged again only if
    the filter names them: by asking for it you vouch for who sent them.
    """
    found = _refused(request, form.filter)
    count = found.count()
    verdicts: Counter[str] = Counter()
    cursor = form.cursor
    while not form.dry_run and verdicts.total() < MAX_BATCH:
        rows = list(found.filter(pk__gt=cursor).order_by("pk")[:AT_ONCE])
        if not rows:
            cursor = ""
            break
        verdicts.update(each.outcome.verdict.value for each in _judge(rows))
        cursor = rows[-1].pk
    return {
        "count": count,
        "dry_run": form.dry_run,
        "judged": verdicts.total(),
        "verdicts": dict(verdicts),
        "next_cursor": None if form.dry_run else cursor or None,
    }


def _refused(request: ApiRequest, wanted: dict[str, str | bool]) -> QuerySet[Report]:
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
    rows = narrow(reports.visible(request.caller), filters, reports.reports.filters)
    rows = rows.exclude(verdict__in=[*SETTLED]).exclude(method__in=["TEST", claiming.BY_HAND])
    return rows if filters.verdict else rows.exclude(verdict__in=[*UNPROVEN])


_NOT_FILTERS = frozenset({"limit", "cursor"})


def _judge(rows: Sequence[Report]) -> list[Decision]:
    catalog = Catalogue()
    return intake.take([claiming.from_stored(row, catalog) for row in rows])


@router.post("/reports/{row_id}/judge", response=ReportShape)
def judge_report(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Judge a refused report again, as the configuration now stands; you vouch for who sent it."""
    row = _refused_one(request, row_id)
    _judge([row])
    return reports.reports.get(request, row.pk, response)


@router.post("/reports/{row_id}/match", response=ReportShape)
def match_report(request: ApiRequest, row_id: Path[str], form: MatchForm, response: HttpResponse) -> Values:
    """Say which click a refused report belongs to, and judge it again."""
    row = _refused_one(request, row_id)
    click = changing.stored_click(form.click_id.lower())
    if click is None:
        detail = f"click_id: there is no click {form.click_id}."
        raise InvalidError([Fault("/click_id", "unknown_reference", detail)])
    vouched = claiming.for_click(claiming.from_stored(row, Catalogue()), click.id)
    intake.take([vouched])
    return reports.reports.get(request, row.pk, response)


def _refused_one(request: ApiRequest, row_id: str) -> Report:
    row = reports.reports.find(request, row_id)
    if row.verdict in SETTLED or row.method in {"TEST", claiming.BY_HAND}:
        raise ConflictError("not_refused", f"This report was not refused: it is {row.verdict}.")
    return row
