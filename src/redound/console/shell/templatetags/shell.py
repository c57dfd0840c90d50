"""Tags of the pages: `{% load shell %}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from lucide.templatetags.lucide import lucide

from redound.console.shell.page import portal_of

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()

WORDS = {
    "active": gettext_lazy("Active"),
    "paused": gettext_lazy("Paused"),
    "failing": gettext_lazy("Failing"),
    "disabled": gettext_lazy("Disabled"),
    "archived": gettext_lazy("Archived"),
    "pending": gettext_lazy("Pending"),
    "leased": gettext_lazy("Sending"),
    "delivered": gettext_lazy("Delivered"),
    "retrying": gettext_lazy("Retrying"),
    "failed": gettext_lazy("Failed"),
    "parked": gettext_lazy("Parked"),
    "cancelled": gettext_lazy("Cancelled"),
    "hold": gettext_lazy("On hold"),
    "approved": gettext_lazy("Approved"),
    "rejected": gettext_lazy("Rejected"),
    "refunded": gettext_lazy("Refunded"),
    "accepted": gettext_lazy("Accepted"),
    "updated": gettext_lazy("Updated"),
    "duplicate": gettext_lazy("Duplicate"),
    "test": gettext_lazy("Test"),
    "open": gettext_lazy("Open"),
    "closed": gettext_lazy("Closed"),
    "running": gettext_lazy("Running"),
    "finished": gettext_lazy("Finished"),
    "error": gettext_lazy("Error"),
    "warning": gettext_lazy("Warning"),
    "info": gettext_lazy("Note"),
}
"""The words of states and statuses. One that is not here is shown as it is."""


@register.simple_tag
def icon(name: str, size: int = 16) -> str:
    """Draw one of lucide's icons; it is for the eyes only, so give the button a label."""
    return lucide(name, size=size, **{"aria-hidden": "true", "focusable": "false"})


@register.simple_tag
def tag(state: str, words: str = "") -> SafeString:
    """Show a state or status as a coloured tag in the reader's language."""
    shown = words or WORDS.get(str(state), str(state).replace("_", " "))
    return format_html('<span class="tag {}">{}</span>', state, shown)


@register.filter
def in_words(state: object) -> str:
    """Return a state or status in the reader's language."""
    return str(WORDS.get(str(state), state))


@register.filter
def initials(name: str) -> str:
    """Return two letters for a person: of first and last name, else the first two."""
    words = name.split()
    return (words[0][:1] + words[-1][:1] if len(words) > 1 else name[:2]).upper()


@register.simple_tag
def moment(at: datetime | str | int | None, empty: str = "–") -> SafeString | str:
    """Show a moment: how long ago, and the time in the reader's zone on hover. Milliseconds are taken too."""
    when = as_datetime(at)
    if when is None:
        return empty
    local = timezone.localtime(when)
    shown = date_format(local, "SHORT_DATETIME_FORMAT")
    return format_html(
        '<time-ago at="{}" title="{}">{}</time-ago>',
        when.isoformat(timespec="milliseconds"),
        f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}",
        shown,
    )


def as_datetime(at: datetime | str | int | None) -> datetime | None:
    """Return an aware moment from what rows and shapes hold: a datetime, RFC 3339 or milliseconds."""
    match at:
        case None | "" | 0:
            return None
        case int():
            return datetime.fromtimestamp(at / 1000, UTC)
        case str():
            return datetime.fromisoformat(at)
        case datetime():
            return at


@register.simple_tag
def money(value: dict[str, Any] | None, empty: str = "–") -> str:
    """Show an amount and its currency as the API gives them."""
    if not value:
        return empty
    return pgettext("amount and currency", "%(amount)s %(currency)s") % value


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], name: str, *args: object) -> str:
    """Return the address of a page in the present portal."""
    return reverse(f"{portal_of(context['request'])}:{name}", args=args)


@register.simple_tag
def copy(text: str, label: str = "") -> SafeString:
    """Show a button that copies a text."""
    return format_html(
        '<copy-button data-copy="{}" data-done="{}">'
        '<button type="button" class="btn g s icon" aria-label="{}">{}</button></copy-button>',
        text,
        _("Copied"),
        label or _("Copy"),
        icon("copy", 13),
    )


@register.inclusion_tag("shell/field.html")
def field(
    name: str,
    label: str,
    value: object = "",
    *,
    kind: str = "text",
    hint: str = "",
    faults: Any = None,
    **extra: Any,
) -> dict[str, Any]:
    """Show a labelled field, what was typed, and what is wrong with it.

    `kind` is an input's type, or `area`, or `select` with `options` [(value, words)…]. `extra`: `required`,
    `placeholder`, `autocomplete`, `options`, `mono`, `inputmode`, `list`, `min`, `max`, `step`, `disabled`.
    """
    return {
        "name": name,
        "id": f"f-{name}".replace(".", "-"),
        "label": label,
        "value": "" if value is None else value,
        "kind": kind,
        "hint": hint,
        "sentences": faults.of(name) if faults else [],
        **extra,
    }


@register.simple_tag
def faults_at(faults: Any, name: str) -> list[str]:
    """Return what is wrong with a field: `{% faults_at faults "url" as wrong %}`."""
    return faults.of(name) if faults else []


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """Return the present query string with some parameters changed; None or "" takes one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    text = parameters.urlencode()
    return f"?{text}" if text else "?"
