"""The tester: a test conversion for a click, and trying a postback; marked as tests and never counted."""

from typing import Annotated

from pydantic import StringConstraints

from redound.console.accounts.callers import Caller
from redound.console.catalog.forms import StatusWord
from redound.console.forms import Form, Shape
from redound.console.postbacks.forms import DraftForm
from redound.console.postbacks.models import Postback
from redound.console.postbacks.sampling import Sample
from redound.console.records import attempts
from redound.console.records.attempts import AttemptShape, RequestShape
from redound.console.records.conversions import ConversionShape, EvaluationShape, conversions, evaluations
from redound.console.records.deliveries import DeliveryShape, deliveries
from redound.console.records.diagnostics import FindingShape, findings_of
from redound.console.records.trace import DiagnosisShape, diagnosis_values
from redound.console.render import Values
from redound.console.tools import drafts, tester
from redound.console.tools.tester import Reply, Tried
from redound.console.traffic.models import Click
from redound.core.deliveries import SentRequest
from redound.core.reports import Claim
from redound.core.tools.control import sentence
from redound.core.trace.causes import Language

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
_UNFINISHED = "Nothing can be sent yet: the errors say what is missing."
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


class FaultShape(Shape):
    """What saving would be refused for: a JSON Pointer into the postback, a code and a sentence."""

    pointer: str
    code: str
    detail: str


class DraftShape(SentShape):
    """What a postback that is not stored would send; `errors` are to be corrected before it can be."""

    errors: list[FaultShape]
    findings: list[FindingShape]


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


def convert(click: Click, form: TestConversionForm, caller: Caller) -> Values:
    """Make a test conversion for a click; return the TestConversionShape's values."""
    claim = Claim(
        goal=form.goal or "",
        status=form.status or "",
        amount=form.amount or "",
        currency=form.currency or "",
        txid=form.txid or "",
        customer_id=form.customer_id or "",
    )
    made = conversions.find(caller, tester.convert(click, claim, caller))
    owed = deliveries.visible(caller).filter(conversion_id=made.id).order_by("pk")
    return {
        "conversion": conversions.shapes([made], caller)[0],
        "evaluations": evaluations(made, caller),
        "deliveries": deliveries.shapes(list(owed), caller),
    }


def preview_values(row: Postback, wanted: Sample) -> Values:
    """Return the SentShape's values."""
    found = tester.preview(row, wanted)
    return {
        "request": _request(found) if found is not None else None,
        "problem": _BROKEN if found is None else None,
        "values": tester.shown_values(row, wanted),
    }


def draft_values(form: DraftForm, caller: Caller) -> Values:
    """Return the DraftShape's values."""
    draft = drafts.preview(
        caller,
        form.postback,
        form.conversion_id,
        click_id=form.click_id or "",
        postback_id=form.postback_id or "",
    )
    return {
        "request": _request(draft.request) if draft.request is not None else None,
        "problem": _UNFINISHED if draft.request is None else None,
        "values": draft.values,
        "errors": [
            {"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in draft.faults
        ],
        "findings": findings_of(draft.postback, caller),
    }


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
