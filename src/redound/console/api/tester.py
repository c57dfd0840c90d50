"""The tester: a test conversion for a click, and trying a postback; marked as tests and never counted."""

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status

from redound.console import throttle
from redound.console.api.requests import ApiRequest
from redound.console.api.trace import language_of
from redound.console.postbacks.forms import PreviewForm, TestForm
from redound.console.postbacks.sampling import sample
from redound.console.records.clicks import clicks
from redound.console.records.postbacks import postbacks
from redound.console.records.tester import (
    SentShape,
    TestConversionForm,
    TestConversionShape,
    TriedShape,
    convert,
    preview_values,
    tried_values,
)
from redound.console.render import Values
from redound.console.tools import tester

router = Router(tags=["tester"])


@router.post("/clicks/{row_id}/test-conversion", response={201: TestConversionShape}, by_alias=True)
def make_test_conversion(
    request: ApiRequest, row_id: Path[str], form: TestConversionForm | None = None
) -> Status[Values]:
    """Make a test conversion for a click: postbacks fire as for a report, and nothing is counted."""
    throttle.tests.take(request.caller.key_id)
    click = clicks.find(request.caller, row_id.lower())
    return Status(201, convert(click, form or TestConversionForm(), request.caller))


@router.post("/postbacks/{row_id}/preview", response=SentShape)
def preview_postback(request: ApiRequest, row_id: Path[str], form: PreviewForm | None = None) -> Values:
    """Show what a test would send, for a conversion, a click or sample values; nothing is sent."""
    row = postbacks.find(request.caller, row_id)
    given = form or PreviewForm()
    wanted = sample(given.click_id or "", given.conversion_id or "", request.caller)
    return preview_values(row, wanted)


@router.post("/postbacks/{row_id}/test", response=TriedShape)
def send_postback_test(
    request: ApiRequest, row_id: Path[str], response: HttpResponse, form: TestForm | None = None
) -> Values:
    """Send a test, wait for its attempt and say what the answer means.

    Tests are sent even while the postback is disabled, and are never counted.
    """
    throttle.tests.take(request.caller.key_id)
    row = postbacks.find(request.caller, row_id)
    given = form or TestForm()
    wanted = sample(given.click_id or "", given.conversion_id or "", request.caller)
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return tried_values(tester.try_out(row, wanted, with_control=given.control), language)
