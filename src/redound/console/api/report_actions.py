"""What managers do with reports: send them over the API, judge refused ones again, match them by hand."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, RootModel

from redound.console import claiming, intake
from redound.console.api import conversions as conversion_routes
from redound.console.api import reports as report_routes
from redound.console.api.reading import got
from redound.console.api.requests import ApiRequest
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import Fault, InvalidError
from redound.console.forms import Shape
from redound.console.records.conversions import ConversionShape, conversions
from redound.console.records.judging import (
    JudgedShape,
    JudgeForm,
    MatchForm,
    judge,
    judge_many,
    match,
)
from redound.console.records.making import ConversionNew, make
from redound.console.records.reports import ReportShape, reports
from redound.console.render import Values
from redound.core.conversions import Accepted
from redound.core.decisions import Decision

MAX_BATCH = 1_000
router = Router(tags=["reports"])


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


@report_routes.router.post("/reports", response=ReportVerdict | ReportVerdicts)
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


@conversion_routes.router.post("/conversions", response={201: ConversionShape}, by_alias=True)
def create_conversion(request: ApiRequest, form: ConversionNew, response: HttpResponse) -> Status[Values]:
    """Make a conversion by hand, of a click that is known; postbacks fire as for a report.

    409 when the click's goal has its conversion already: change that one's status instead.
    """
    made = make(form, request.caller)
    response["Location"] = f"{request.path}/{made}"
    return Status(201, got(conversions, request, made, response))


@router.post("/reports/judge", response=JudgedShape)
def judge_reports(request: ApiRequest, form: JudgeForm) -> Values:
    """Judge refused reports again, oldest first; with `dry_run`, which is the default, only count them.

    At most 1,000 a call: go on with `next_cursor`. `bad_token` and `ip_not_allowed` are judged again only if
    the filter names them: by asking for it you vouch for who sent them.
    """
    return judge_many(form, request.caller)


@router.post("/reports/{row_id}/judge", response=ReportShape)
def judge_report(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Judge a refused report again, as the configuration now stands; you vouch for who sent it."""
    row = reports.find(request.caller, row_id)
    judge(row)
    return got(reports, request, row.pk, response)


@router.post("/reports/{row_id}/match", response=ReportShape)
def match_report(request: ApiRequest, row_id: Path[str], form: MatchForm, response: HttpResponse) -> Values:
    """Say which click a refused report belongs to, and judge it again."""
    row = reports.find(request.caller, row_id)
    match(row, form)
    return got(reports, request, row.pk, response)
