"""Backfill: what a postback would have fired for but did not; listed with the reason, counted, sent late."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.requests import ApiRequest
from redound.console.api.trace import language_of
from redound.console.filters import refuse_unknown
from redound.console.records import backfill as records
from redound.console.records.backfill import BackfilledShape, BackfillFilters, BackfillForm, MissedPage
from redound.console.records.postbacks import postbacks
from redound.console.render import Values

router = Router(tags=["backfill"])


@router.get("/postbacks/{row_id}/backfill", response=MissedPage)
def list_missed(
    request: ApiRequest, row_id: Path[str], filters: Query[BackfillFilters], response: HttpResponse
) -> Values:
    """List what the postback, as it is today, would have fired for and did not, with the reason."""
    refuse_unknown(request.GET, filters)
    row = postbacks.find(request.caller, row_id)
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return records.missed(row, filters, request.caller, language)


@router.post("/postbacks/{row_id}/backfill", response=BackfilledShape)
def send_missed(request: ApiRequest, row_id: Path[str], form: BackfillForm) -> Values:
    """Send what the postback missed, once each and at a capped rate, or count first (`dry_run`).

    The deliveries carry the values of today and `resent: true`.
    """
    return records.send(postbacks.find(request.caller, row_id), form, request.caller)
