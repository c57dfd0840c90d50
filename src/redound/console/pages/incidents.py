"""Incidents: what the watch found to be unlike the usual; an affiliate sees those of their own postbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from redound.console.accounts import permissions
from redound.console.pages.language import spoken
from redound.console.records import incidents as records
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.shell.page import here, page
from redound.core.watch import words
from redound.core.watch.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse, StreamingHttpResponse
    from django.urls import URLPattern

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Apply
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest
    from redound.console.traffic.models import Incident


class Spoken:
    """Incidents in the reader's language."""

    filters: Mapping[str, Apply] = records.incidents.filters

    def visible(self, caller: Caller) -> QuerySet[Incident]:
        """Return the rows that exist for somebody."""
        return records.visible(caller)

    def shapes(self, rows: Sequence[Incident], caller: Caller) -> list[Values]:
        """Return what is shown of them."""
        return records.told(rows, caller, spoken())


def _kinds(request: PageRequest) -> Iterator[tuple[str, str]]:
    kinds = Kind if request.caller.manages else (Kind.DELIVERIES_FAILING,)
    return ((kind.value, words.title(kind, spoken())) for kind in kinds)


INCIDENTS: Final[Listing[Incident]] = Listing(
    page="incidents",
    source=Spoken(),
    filters=records.IncidentFilters,
    api="incidents",
    columns=(
        Column("title", _("What")),
        Column("state", _("State"), "state"),
        Column("name", _("Of")),
        Column("text", _("Counted"), phone="full"),
        Column("opened_at", _("Opened"), "moment"),
        Column("closed_at", _("Closed"), "moment", phone="hide"),
        Column("id", _("ID"), "mono", shown=False),
    ),
    tabs=(
        Tab("open", _("Going on"), {"state": "open"}),
        Tab("closed", _("Over"), {"state": "closed"}),
        Tab("all", _("All")),
    ),
    chips=(Chip("kind", _("Kind"), options=_kinds), Chip("since", _("Opened since"), "moment")),
    detail="incident",
    row_template="pages/incidents/row.html",
    empty=_("Everything is as usual"),
    empty_hint=_("When deliveries fail, reports stop or numbers are unlike the usual, it is said here."),
)


@page
def incidents(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """List incidents, newest first."""
    permissions.check(request.caller, "incidents", "read")
    return INCIDENTS.answer(request, "pages/incidents/list.html")


@page
def incident(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one: what was counted, what is usual, and what to do."""
    permissions.check(request.caller, "incidents", "read")
    row = records.incidents.find(request.caller, row_id)
    (values,) = records.told([row], request.caller, spoken())
    found = values["evidence"]
    context: dict[str, Any] = {
        "incident": values,
        "share": words.percent(found["share"], spoken()),
        "usual": None if found["usual"] is None else words.percent(found["usual"], spoken()),
        "links": list(_links(request, values)),
    }
    return render(request, "pages/incidents/incident.html", context)


def _links(request: PageRequest, values: Values) -> Iterator[tuple[Any, str]]:
    """Yield where to look further: words and address."""
    if values["postback_id"]:
        yield _("The postback"), here(request, "postback", values["postback_id"])
        query = f"?postback_id={values['postback_id']}&state=failed,retrying"
        yield _("What failed, in the delivery log"), here(request, "deliveries") + query
    if not request.caller.manages:
        return
    about = {name: values[name] for name in ("offer_id", "advertiser_id") if values[name]}
    for name, row_id in about.items():
        yield _("What was received"), f"{here(request, 'received')}?{name}={row_id}"


urls: list[URLPattern] = [
    path("incidents/", incidents, name="incidents"),
    path("incidents/<str:row_id>/", incident, name="incident"),
]
