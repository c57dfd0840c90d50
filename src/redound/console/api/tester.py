"""The tester: a test conversion for a click, and trying a postback; marked as tests and never counted."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import StringConstraints

from redound.console.api import attempts, throttle
from redound.console.api.attempts import AttemptShape, RequestShape
from redound.console.api.clicks import clicks
from redound.console.api.conversions import ConversionShape, EvaluationShape, conversions, list_evaluations
from redound.console.api.deliveries import DeliveryShape, deliveries
from redound.console.api.postbacks import postbacks
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.api.trace import DiagnosisShape, diagnosis_values, language_of
from redound.console.catalog.forms import StatusWord
from redound.console.forms import Form, Shape
from redound.console.postbacks.forms import PreviewForm, TestForm
from redound.console.postbacks.models import Postback
from redound.console.postbacks.sampling import Sample, sample
from redound.console.tools import tester
from redound.console.tools.tester import Reply, Tried
from redound.core.deliveries import SentRequest
from redound.core.reports import Claim
from redound.core.tools.control import sentence
from redound.core.trace.causes import Language

router = Router(tags=["tester"])
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


_BROKEN = "The template breaks a rule: open the postback and save it again to see which."


class TestConversionForm(Form):
    """What an advertiser would report. Without `goal` (a code or ID) it is the base one."""

    goal: Short | None = None
    status: StatusWord | None = None
    amount: Short | None = None
    currency: Short | None = None
    txid: Short | None = None
    customer_id: Short | None = None


class TestConversionShape(Shape):
    """The test conversion, what every postback made of it, and what is being sent."""

    conversion: ConversionShape
    evaluations: list[EvaluationShape]
    deliveries: list[DeliveryShape]


class SentShape(Shape):
    """What a test would send, secrets masked. `problem` says why nothing can be sent."""

    request: RequestShape | None
    problem: str | None
    values: dict[str, str]


class ControlShape(Shape):
    """The same request with a wrong click ID. `conclusion` compares the answers, `text` says it in words.

    Without an attempt there was no click ID to make wrong. `changed`: macro → the wrong value.
    """

    conclusion: str
    text: str
    attempt: AttemptShape | None
    meanings: list[DiagnosisShape]
    changed: dict[str, str]


class TriedShape(AttemptShape):
    """The test's attempt. `meanings` say what the answer probably means, the likeliest first."""

    meanings: list[DiagnosisShape]
    control: ControlShape | None


@router.post("/clicks/{row_id}/test-conversion", response={201: TestConversionShape}, by_alias=True)
def make_test_conversion(
    request: ApiRequest, row_id: Path[str], form: TestConversionForm | None = None
) -> Status[Values]:
    """Make a test conversion for a click: postbacks fire as for a report, and nothing is counted."""
    throttle.tests.take(request.caller.key_id)
    given = form or TestConversionForm()
    claim = Claim(
        goal=given.goal or "",
        status=given.status or "",
        amount=given.amount or "",
        currency=given.currency or "",
        txid=given.txid or "",
        customer_id=given.customer_id or "",
    )
    conversion_id = tester.convert(clicks.find(request, row_id.lower()), claim, request.caller)
    caller = request.caller
    owed = deliveries.visible(caller).filter(conversion_id=conversion_id).order_by("pk")
    answer = {
        "conversion": conversions.shapes([conversions.find(request, conversion_id)], caller)[0],
        "evaluations": list_evaluations(request, conversion_id)["data"],
        "deliveries": deliveries.shapes(list(owed), caller),
    }
    return Status(201, answer)


@router.post("/postbacks/{row_id}/preview", response=SentShape)
def preview_postback(request: ApiRequest, row_id: Path[str], form: PreviewForm | None = None) -> Values:
    """Show what a test would send, for a conversion, a click or sample values; nothing is sent."""
    row = postbacks.find(request, row_id)
    given = form or PreviewForm()
    wanted = sample(given.click_id or "", given.conversion_id or "", request.caller)
    return preview_values(row, wanted)


def preview_values(row: Postback, wanted: Sample) -> Values:
    """Return the SentShape's values."""
    found = tester.preview(row, wanted)
    return {
        "request": _request(found) if found is not None else None,
        "problem": _BROKEN if found is None else None,
        "values": tester.shown_values(row, wanted),
    }


@router.post("/postbacks/{row_id}/test", response=TriedShape)
def send_postback_test(
    request: ApiRequest, row_id: Path[str], response: HttpResponse, form: TestForm | None = None
) -> Values:
    """Send a test, wait for its attempt and say what the answer means.

    Tests are sent even while the postback is disabled, and are never counted.
    """
    throttle.tests.take(request.caller.key_id)
    row = postbacks.find(request, row_id)
    given = form or TestForm()
    wanted = sample(given.click_id or "", given.conversion_id or "", request.caller)
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return tried_values(tester.try_out(row, wanted, with_control=given.control), language)


def tried_values(tried: Tried, language: Language) -> Values:
    """Return the TriedShape's values."""
    return {
        **attempts.shape(tried.right.attempt),
        "meanings": _meanings(tried.right, language),
        "control": _control(tried, language),
    }


def _control(tried: Tried, language: Language) -> Values | None:
    if tried.conclusion is None:
        return None
    return {
        "conclusion": tried.conclusion.value,
        "text": sentence(tried.conclusion, language),
        "attempt": attempts.shape(tried.wrong.attempt) if tried.wrong else None,
        "meanings": _meanings(tried.wrong, language) if tried.wrong else [],
        "changed": dict(tried.changed or {}),
    }


def _meanings(reply: Reply, language: Language) -> list[Values]:
    return [diagnosis_values(each, language) for each in reply.meanings]


def _request(sent: SentRequest) -> Values:
    return {"method": sent.method, "url": sent.url, "headers": dict(sent.headers), "body": sent.body}
