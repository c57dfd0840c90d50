"""What the editor shows: the fields, what can be chosen, and what is to be said about them as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language

from redound.console import runtime
from redound.console.errors import InvalidError
from redound.console.pages.editor import checking, choices, starting
from redound.console.pages.editor.company import company
from redound.console.pages.editor.fields import STATUSES, PairField, one_id
from redound.console.pages.editor.reading import draft_of
from redound.console.pages.postbacks.words import LEVELS, Names, rule_of
from redound.console.shell.forms import NONE, Faults
from redound.console.tools.drafts import preview
from redound.core.aliases import ALIASES
from redound.core.macros import MACROS, example_values, without_manager_only
from redound.core.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.pages.editor.fields import Fields
    from redound.console.postbacks.models import Postback
    from redound.console.shell.page import PageRequest
    from redound.console.tools.drafts import Draft
    from redound.core.trace.causes import Language

SPARE_ROWS: Final = 2
TEST_CLICK: Final = "MYTEST123"
"""A click ID that nobody has, for those who have none at hand."""
FIELDS: Final = (
    *("name", "affiliate_id", "event", "goals", "statuses", "status_mode", "level", "include"),
    *("exclude_offers", "payout_above_zero", "max_age_seconds", "delay_seconds", "delivery", "method", "url"),
    *("params", "headers", "body", "auth", "success", "max_attempts", "retry_schedule", "strict_disable"),
    "sign",
)
"""The faults of these are shown beside their fields."""


def language() -> Language:
    """Return the language of the sentences that the core says: "en" or "ru"."""
    return "ru" if (get_language() or "").startswith("ru") else "en"


def insights(request: PageRequest, fields: Fields, row: Postback | None) -> dict[str, Any]:
    """Return what is to be said: findings, the URL's table, the preview, the rule in words, the company."""
    caller = request.caller
    parsed = parse(fields.url)
    tracker, recognised = starting.tracker_of(fields, parsed, caller)
    found = checking.findings(fields, checking.context_of(fields, caller, tracker)) if fields.url else []
    draft = _draft(request, fields, row)
    examples = without_manager_only(example_values()) if not caller.manages else example_values()
    wanted = one_id(request.POST, "preview")
    return {
        "tracker": tracker,
        "recognised": recognised and tracker is not None,
        "said": checking.said(found, fields.url, language()),
        "url_empty": not fields.url,
        "table": checking.table(parsed, found, {**examples, **(draft.values if draft else {})}),
        "link_side": starting.link_side(tracker, parsed, fields, caller),
        "foreign": starting.foreign(fields),
        "blanks": starting.blanks(fields, tracker),
        "template": starting.template_of(tracker),
        "draft": draft,
        "previewed": wanted,
        "rule": rule_of(draft.postback, Names([draft.postback], caller)) if draft else None,
        "company": company(draft.postback, caller, wanted) if draft else None,
    }


def _draft(request: PageRequest, fields: Fields, row: Postback | None) -> Draft | None:
    form = draft_of(fields, new=row is None, manages=request.caller.manages)
    if form is None:
        return None
    wanted = one_id(request.POST, "preview")
    try:
        return preview(request.caller, form, wanted or None, postback_id=row.pk if row else "")
    except InvalidError:
        return preview(request.caller, form, None, postback_id=row.pk if row else "")


def everything(
    request: PageRequest, fields: Fields, row: Postback | None, faults: Faults = NONE
) -> dict[str, Any]:
    """Return all that the editor's page shows."""
    caller = request.caller
    first, others = starting.tiles(caller, fields.tracker)
    chips, more = choices.macros(fields, caller)
    ours = runtime.settings()
    state = "" if row is None else "paused" if not row.enabled else "on"
    return {
        "fields": fields,
        "row": row,
        "state": state,
        "faults": faults,
        "elsewhere": faults.elsewhere(FIELDS) if faults else [],
        "tiles": first,
        "more_tiles": others,
        "chips": chips,
        "more_chips": more,
        "known": " ".join([*MACROS, *ALIASES]),
        "choices": choices.choices(fields, caller),
        "levels": _levels(request, fields, row),
        "statuses": [(status, status in fields.statuses) for status in STATUSES],
        "params": _rows(fields.params),
        "headers": _rows(fields.headers),
        "affiliates": choices.affiliates(caller) if caller.manages and row is None else [],
        "recent": choices.recent(fields, caller),
        "html_allowed": ours.html_pixels or fields.delivery == "html",
        "test_click": request.POST.get("test_click_id") or request.GET.get("click") or TEST_CLICK,
        "usual": {"attempts": ours.max_attempts, "schedule": _schedule(ours.retry_schedule)},
        **insights(request, fields, row),
    }


def _levels(request: PageRequest, fields: Fields, row: Postback | None) -> list[tuple[str, Any]]:
    """Return the levels that the owner may choose: a postback of nobody's is of level offer or brand."""
    owned = bool(fields.affiliate_id) if request.caller.manages and row is None else True
    if row is not None and row.affiliate_id is None:
        owned = False
    return [(level, words) for level, words in LEVELS.items() if owned or level in {"brand", "offer"}]


def _rows(pairs: Sequence[PairField]) -> list[PairField]:
    return [*pairs, *(PairField() for _ in range(SPARE_ROWS if pairs else 1))]


def _schedule(seconds: Sequence[float]) -> str:
    """Return the installation's waits as they are written in the field."""
    return ", ".join(_wait(each) for each in seconds[:_WAITS]) + (", …" if len(seconds) > _WAITS else "")


_WAITS: Final = 8


def _wait(seconds: float) -> str:
    for unit, letter in ((3600, "h"), (60, "m"), (1, "s")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g}{letter}"
    return f"{seconds * 1000:g}ms"
