"""Activity of players: deposits, wagers and net revenue, taken in one by one or in batches. For managers."""

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, ConfigDict, RootModel

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.errors import Fault, InvalidError
from redound.console.forms import Shape
from redound.console.paging import Page
from redound.console.players import taking
from redound.console.players.forms import ActivityNew
from redound.console.players.shapes import ActivityShape
from redound.console.records.activity import ActivityFilters, activity
from redound.console.render import Values
from redound.core.activity import ActivityVerdict

MAX_BATCH = 1_000
router = Router(tags=["activity"])


def _one_or_many(schema: dict[str, Any]) -> None:
    """Document what is checked fact by fact, so that each can have a verdict of its own."""
    one = ActivityNew.model_json_schema()
    schema.clear()
    schema["title"] = "ActivityBody"
    schema["oneOf"] = [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_BATCH}]


class ActivityBody(RootModel[dict[str, Any] | list[Any]]):
    """One fact, or up to 1,000 of them."""

    model_config = ConfigDict(json_schema_extra=_one_or_many)


class FaultShape(BaseModel):
    """One thing that is wrong with a fact."""

    pointer: str
    code: str
    detail: str


class VerdictShape(Shape):
    """What was made of one fact: accepted, updated (restated), duplicate, or refused with the errors."""

    index: int
    verdict: str
    id: str | None
    errors: list[FaultShape]


class VerdictsShape(Shape):
    """The verdicts in the order of the batch, and how many there are of each."""

    data: list[VerdictShape]
    accepted: int
    updated: int
    duplicate: int
    refused: int


@router.get("/activity", response=Page[ActivityShape])
def list_activity(request: ApiRequest, filters: Query[ActivityFilters]) -> Values:
    """List facts that came by API or file, newest first."""
    return listed(activity, request, filters)


@router.get("/activity/{row_id}", response=ActivityShape)
def get_activity(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a fact."""
    return got(activity, request, row_id, response)


@router.post("/activity", response=VerdictShape | VerdictsShape)
def take_activity(request: ApiRequest, body: ActivityBody) -> Values:
    """Take in one fact, or a batch of up to 1,000; the same external_id again is the same fact.

    One fact that is refused answers 422; a batch answers 200 with a verdict for each.
    """
    given = body.root
    if isinstance(given, list):
        if not 0 < len(given) <= MAX_BATCH:
            detail = f"A batch has 1 to {MAX_BATCH} facts, this one {len(given)}. Send it in parts."
            raise InvalidError([Fault("", "batch_size", detail)])
        taken = taking.take(given, "api", request.caller.by)
        counts = {verdict.value: 0 for verdict in ActivityVerdict}
        for each in taken:
            counts[each.verdict.value] += 1
        return {"data": [taking.as_values(each, index) for index, each in enumerate(taken)], **counts}
    (only,) = taking.take([given], "api", request.caller.by)
    if only.faults:
        raise InvalidError(only.faults)
    return dict(taking.as_values(only, 0))
