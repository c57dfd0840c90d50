"""Postbacks: rules and templates; an affiliate sees their own."""

from typing import Annotated

from django.db.models import Q, QuerySet
from pydantic import Field

from redound.console.filters import CREATED, Filters, Text, one_of, search
from redound.console.postbacks import shapes, visibility
from redound.console.postbacks.models import Postback
from redound.console.postbacks.shapes import PostbackShape
from redound.console.records.diagnostics import FindingShape
from redound.console.records.record import Record
from redound.console.traffic.models import PostbackHealth


def _by_state(rows: QuerySet[Postback], value: str) -> QuerySet[Postback]:
    """Narrow to what the API calls active, paused, failing or disabled."""

    def health(state: str) -> Q:
        return Q(pk__in=PostbackHealth.objects.filter(state=state).values("postback_id"))

    running = Q(enabled=True, archived_at=None)
    conditions = {
        "disabled": health("disabled"),
        "paused": ~running & ~health("disabled"),
        "failing": running & health("failing"),
        "active": running & ~health("failing") & ~health("disabled"),
    }
    wanted = Q()
    for state in value.split(","):
        wanted |= conditions[state]
    return rows.filter(wanted)


def _archived(rows: QuerySet[Postback], value: bool) -> QuerySet[Postback]:  # noqa: FBT001 - called by the filters' table
    return rows.filter(archived_at__isnull=not value)


postbacks: Record[Postback] = Record(
    visibility.postbacks,
    shapes.postbacks,
    {**CREATED, "q": search("name", "url"), "state": _by_state, "archived": _archived},
)


class SavedPostback(PostbackShape):
    """A postback as it was saved, and what the linter says about its URL."""

    findings: list[FindingShape]


class PostbackFilters(Filters):
    """Filters of postbacks."""

    name: Text | None = None
    affiliate_id: Text | None = None
    enabled: bool | None = None
    event: one_of("click", "conversion") | None = None  # type: ignore[valid-type]  # made at run time
    level: Text | None = None
    method: Text | None = None
    delivery: Text | None = None
    state: one_of("active", "paused", "failing", "disabled") | None = None  # type: ignore[valid-type]  # as above
    archived: Annotated[bool, Field(description="true lists the archived ones instead")] = False
