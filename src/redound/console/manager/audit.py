"""The audit log: who changed which configuration, from what to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.records import audit as records
from redound.console.shell.listing import Chip, Column, Listing
from redound.console.shell.page import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

NOUNS = {
    "advertisers": gettext_lazy("advertiser"),
    "brands": gettext_lazy("brand"),
    "offers": gettext_lazy("offer"),
    "goals": gettext_lazy("goal"),
    "affiliates": gettext_lazy("affiliate"),
    "campaigns": gettext_lazy("campaign"),
    "links": gettext_lazy("link"),
    "postbacks": gettext_lazy("postback"),
    "reward_plans": gettext_lazy("reward plan"),
    "tracker_entries": gettext_lazy("gallery entry"),
    "bins": gettext_lazy("catch-all bin"),
    "users": gettext_lazy("person"),
    "invitations": gettext_lazy("invitation"),
    "api_keys": gettext_lazy("API key"),
}
ACTIONS = {
    "create": gettext_lazy("created"),
    "edit": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
    "archive": gettext_lazy("deleted (kept)"),
    "enable": gettext_lazy("switched on"),
    "approve_html": gettext_lazy("approved the HTML of"),
    "view_as": gettext_lazy("looked as"),
    "view_as_end": gettext_lazy("stopped looking as"),
    "invite": gettext_lazy("invited"),
    "invite_again": gettext_lazy("invited again"),
    "password": gettext_lazy("changed the password of"),
    "reset_link": gettext_lazy("made a password link for"),
    "end_sessions": gettext_lazy("signed out"),
    "revoke": gettext_lazy("revoked"),
}
PAGES = {
    "advertisers": "advertiser",
    "offers": "offer",
    "affiliates": "affiliate",
    "goals": "goal-edit",
    "postbacks": "postback",
    "reward_plans": "plan-edit",
    "tracker_entries": "gallery-entry",
}
"""Where what was changed has a page."""


def _nouns(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return NOUNS.items()


def _actions(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return ACTIONS.items()


def _more(values: Sequence[Values], request: PageRequest) -> None:
    """Add words, and the differences as rows."""
    del request
    for each in values:
        each["noun_words"] = NOUNS.get(each["noun"], each["noun"])
        each["action_words"] = ACTIONS.get(each["action"], each["action"].replace("_", " "))
        each["page"] = PAGES.get(each["noun"], "") if each["action"] != "delete" else ""
        each["changes"] = [
            {"field": name, "old": _said(old), "new": _said(new)}
            for name, (old, new) in each["differences"].items()
        ]
        each["fields"] = ", ".join(each["differences"])


def _said(value: Any) -> str:
    match value:
        case None | "":
            return "–"
        case True:
            return _("yes")
        case False:
            return _("no")
        case dict():
            return ", ".join(f"{name}: {_said(inner)}" for name, inner in value.items()) or "–"
        case list():
            return ", ".join(_said(inner) for inner in value) or "–"
        case _:
            return str(value)


LISTING: Listing[Any] = Listing(
    page="audit",
    api="audit",
    source=records.audit,
    filters=records.AuditFilters,
    columns=(
        Column("at", gettext_lazy("When"), "moment"),
        Column("by", gettext_lazy("Who")),
        Column("what", gettext_lazy("What"), key="row_name"),
        Column("changes", gettext_lazy("From → to"), key="fields"),
    ),
    chips=(
        Chip("since", gettext_lazy("Since"), "moment"),
        Chip("noun", gettext_lazy("Kind"), options=_nouns),
        Chip("action", gettext_lazy("Action"), options=_actions),
    ),
    search=gettext_lazy("ID of what was changed, or who"),
    csv=("id", "at", "by", "action", "noun", "row_id", "row_name", "fields", "affiliate_id"),
    row_template="manager/audit_row.html",
    more=_more,
    empty=gettext_lazy("Nothing was changed yet"),
)


@page
def audit(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show what was changed."""
    lead = _("Every change of the configuration, by whomever and from wherever. Secrets never stand here.")
    return LISTING.answer(request, "manager/audit.html", {"title": _("Audit log"), "lead": lead})
