"""Rules about what a tracker has to be told: which click, which status, how much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.lint.cells import canonical, identifies, tells
from redound.core.lint.codes import Severity
from redound.core.lint.roundtrip import wanted_slots
from redound.core.lint.subject import Note
from redound.core.lint.values import is_placeholder, literal_name
from redound.core.nearness import distance
from redound.core.parsing import Where
from redound.core.roles import TRACKERS_CLICK, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.lint.cells import Cell
    from redound.core.lint.subject import Subject

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SECRET_NAMES: Final = frozenset(
    {
        "api_key",
        "apikey",
        "api-key",
        "secret",
        "client_secret",
        "secret_key",
        "password",
        "passwd",
        "pass",
        "pwd",
    }
    | {"access_token", "auth_token", "token", "security_token", "private_key", "auth", "api_secret"}
)
_SECRET_VALUE = re.compile(r"(?=[A-Za-z_\-]*\d)[A-Za-z0-9_\-]{16,}")
_UNSTABLE: Final = frozenset({"timestamp", "random", "attempt"})
_STATUSES: Final = ("status", "cnv_status", "conversion_status")
_STATUS_NAMES: Final = (
    *_STATUSES,
    *("lead_status", "sale_status", "rejected_status", "ignore_status"),
)
_STATUS_SLIPS: Final = {
    "reject_status": "rejected_status",
    "ignored_status": "ignore_status",
    "sales_status": "sale_status",
    "leads_status": "lead_status",
}
_SLIP_LENGTHS: Final = range(5, 19)
_NOT_SLIPS: Final = frozenset({"stats", "state", "states", "statu5"})


def click(subject: Subject) -> Iterator[Note]:
    """Something tells which click it is about, and it is the tracker's own ID."""
    ours = [cell for cell in subject.cells if _is_trackers_click(subject, cell)]
    for cell in ours:
        for macro in cell.row.macros:
            name = canonical(macro)
            if name in {"click_id", "conversion_id"}:
                slots = wanted_slots(subject)
                span = (macro.start, macro.end)
                edits = ((*span, f"{{{slots[0]}}}"),) if len(slots) == 1 else None
                details = {"macro": macro.text, "name": cell.row.key}
                yield Note("network_id_as_click_id", span, details, edits)
    if _identified(subject) or not _has_host(subject) or subject.offer_span is not None:
        return
    clicks = [cell for cell in subject.of_role(Role.CLICK) if not cell.row.macros]
    yield Note("no_click_id", clicks[0].span if clicks else None)


def _is_trackers_click(subject: Subject, cell: Cell) -> bool:
    key = cell.row.key.lower()
    if subject.tracker is not None and cell.row.key == subject.tracker.click_param:
        return True
    if cell.role is not Role.CLICK or key not in TRACKERS_CLICK:
        return False
    others = (name for other in subject.cells if other is not cell for name in other.names)
    return key not in {"click_id", "click-id"} or not any(name.startswith("sub") for name in others)


def _identified(subject: Subject) -> bool:
    """Tell whether a macro identifies the click, or something else is wrong with one that was meant to."""
    if any(identifies(name) for name in subject.names):
        return True
    return any(_meant_for_click(cell) for cell in subject.cells) or _has_stray(subject)


def _meant_for_click(cell: Cell) -> bool:
    if cell.role in {Role.CLICK, Role.SLOT, Role.OTHER}:
        if any(canonical(macro) is None for macro in cell.row.macros):
            return True
        if cell.role is Role.CLICK and any(name in {"conversion_id", "source"} for name in cell.names):
            return True
    if not cell.row.constant or cell.role not in {Role.CLICK, Role.SLOT}:
        return False
    return bool(literal_name(cell)) or is_placeholder(cell.row.value)


def _has_stray(subject: Subject) -> bool:
    masked = subject.parsed.masked
    if any(mark in masked for mark in "{}"):
        return True
    return any(
        re.fullmatch(r"[\[<%(].{1,40}|.{1,40}[\]>)]", cell.row.value)
        for cell in subject.of_role(Role.CLICK)
        if cell.row.constant
    )


def worth_asking(subject: Subject) -> bool:
    """Return whether the URL is enough of a postback to say what it lacks."""
    asked = [cell for cell in subject.cells if cell.row.where is not Where.FRAGMENT]
    return bool(asked) and _has_host(subject) and subject.offer_span is None


def _has_host(subject: Subject) -> bool:
    """Tell a URL, maybe without its scheme, from any other text."""
    parsed = subject.parsed
    return bool(parsed.host) and (bool(parsed.scheme) or "." in parsed.host)


def status(subject: Subject) -> Iterator[Note]:
    """The status is told, and is not always the same."""
    cells = [cell for cell in subject.cells if cell.role is Role.STATUS or _slip(cell) in _STATUSES]
    for cell in cells:
        if cell.row.constant and cell.row.value.strip() and not is_placeholder(cell.row.value):
            if literal_name(cell) or re.search(r"[|/,<>\[\]{}()]|%7[Cc]", cell.row.value):
                continue
            several = subject.context.many_statuses
            code = "constant_status.several" if several else "constant_status"
            level = Severity.WARNING if several else Severity.INFO
            yield Note(code, cell.value_span, {"value": cell.row.value[:40]}, severity=level)
    if not cells and not tells(subject.names, Role.STATUS) and worth_asking(subject):
        yield from _missing_status(subject)


def _missing_status(subject: Subject) -> Iterator[Note]:
    context, tracker = subject.context, subject.tracker
    if context.many_statuses:
        details = {"what": "statuses", "what_ru": "статусов"}
        yield Note("missing_status.several", None, details, severity=Severity.WARNING)
    elif context.many_goals and not tells(subject.names, Role.EVENT):
        yield Note(
            "missing_status.several", None, {"what": "goals", "what_ru": "целей"}, severity=Severity.WARNING
        )
    elif tracker is not None and tracker.without_status and not context.statuses:
        details = {"tracker": tracker.name}
        yield Note("missing_status.sale", None, details, severity=Severity.WARNING)
    elif tracker is None or tracker.has(Role.STATUS):
        yield Note("missing_status", None)


def payout(subject: Subject) -> Iterator[Note]:
    """The payout is told, and so is its currency."""
    cells = subject.of_role(Role.PAYOUT)
    several = subject.context.many_goals
    for cell in cells:
        if cell.row.constant and _NUMBER.fullmatch(cell.row.value.strip()):
            code = "constant_payout.several" if several else "constant_payout"
            level = Severity.WARNING if several else Severity.INFO
            yield Note(code, cell.value_span, {"value": cell.row.value}, severity=level)
    if not worth_asking(subject):
        return
    told = cells or tells(subject.names, Role.PAYOUT)
    if not told and _could_take(subject, Role.PAYOUT):
        yield Note("missing_payout", None)
    if not told or subject.of_role(Role.CURRENCY) or tells(subject.names, Role.CURRENCY):
        return
    if _could_take(subject, Role.CURRENCY):
        yield Note("missing_currency", None)


def _could_take(subject: Subject, role: Role) -> bool:
    return subject.tracker is None or subject.tracker.has(role)


def txid(subject: Subject) -> Iterator[Note]:
    """The transaction is told by something that stays the same."""
    cells = subject.of_role(Role.TXID)
    for cell in cells:
        for macro in cell.row.macros:
            if canonical(macro) in _UNSTABLE and len(cell.row.macros) == 1:
                span = (macro.start, macro.end)
                edits = ((*span, "{conversion_id}"),)
                yield Note("unstable_txid", span, {"macro": macro.text}, edits)
    if cells or tells(subject.names, Role.TXID) or not worth_asking(subject):
        return
    if _could_take(subject, Role.TXID):
        yield Note("missing_txid", None)


def secrets(subject: Subject) -> Iterator[Note]:
    """No secret stands in the URL."""
    for cell in subject.query:
        key, value = cell.row.key.lower(), cell.row.value
        if not cell.row.constant or not value or is_placeholder(value) or value.lower() == key:
            continue
        if key in _SECRET_NAMES or (key in {"key", "hash"} and _SECRET_VALUE.fullmatch(value)):
            yield Note("secret_in_url", cell.value_span, {"name": cell.row.key})


def status_names(subject: Subject) -> Iterator[Note]:
    """The parameter for the status is not mistyped."""
    for cell in subject.query:
        wanted = _slip(cell)
        if wanted:
            span = (cell.row.start, cell.row.name_end)
            taken = any(other.row.key.lower() == wanted for other in subject.cells)
            edits = None if taken else ((*span, wanted),)
            yield Note("status_param_typo", span, {"name": cell.row.key, "wanted": wanted}, edits)


def _slip(cell: Cell) -> str:
    """Return the status parameter that a row's name is a slip for, "" for none."""
    key = cell.row.key.lower()
    if key in _STATUS_SLIPS:
        return _STATUS_SLIPS[key]
    if cell.role is not Role.OTHER or len(key) not in _SLIP_LENGTHS:
        return ""
    if (
        not key.isascii()
        or key in _STATUS_NAMES
        or key in _NOT_SLIPS
        or key.endswith("status")
        or key[-1].isdigit()
    ):
        return ""
    return next((name for name in _STATUS_NAMES if distance(key, name, 1) <= 1), "")


def offer_link(subject: Subject) -> Iterator[Note]:
    """It is not a link for visitors."""
    if subject.offer_span is not None:
        yield Note("looks_like_offer_link", subject.offer_span)
