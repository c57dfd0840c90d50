"""Rules about the tracker that the URL is for: its endpoint and its parameter for the click ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.lint.cells import canonical, identifies
from redound.core.lint.subject import Note
from redound.core.parsing import Where
from redound.core.roles import TRACKERS_CLICK, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.lint.cells import Cell
    from redound.core.lint.subject import Subject


def click_param(subject: Subject) -> Iterator[Note]:
    """The click ID is in the parameter in which this tracker reads it."""
    tracker = subject.tracker
    if tracker is None or not tracker.click_param or subject.offer_span is not None:
        return
    rows = [cell for cell in subject.cells if cell.row.where is Where.QUERY]
    wanted = tracker.click_param
    if not rows or any(cell.row.key == wanted for cell in rows):
        return
    carrying = [cell for cell in rows if _carries(subject, cell)]
    if len(carrying) == 1:
        cell = carrying[0]
        span = (cell.row.start, cell.row.name_end)
        details = {"tracker": tracker.name, "wanted": wanted, "name": cell.row.key}
        yield Note("wrong_click_param", span, details, ((*span, wanted),))
    elif any(identifies(name) for cell in rows for name in cell.names):
        yield Note("wrong_click_param.absent", None, {"tracker": tracker.name, "wanted": wanted})


def _carries(subject: Subject, cell: Cell) -> bool:
    """Tell whether a row is meant to carry the click ID."""
    own = subject.tracker.role_of(cell.row.key) if subject.tracker is not None else None
    if own is not None and own is not Role.CLICK:
        return False
    if cell.row.key.lower() in TRACKERS_CLICK:
        return True
    names = (canonical(macro) for macro in cell.row.macros)
    return cell.role is not Role.SLOT and any(name and identifies(name) for name in names)


def endpoint(subject: Subject) -> Iterator[Note]:
    """The path is one at which this tracker takes postbacks."""
    parsed, tracker = subject.parsed, subject.tracker
    if tracker is None or not parsed.host or parsed.fragment is not None:
        return
    path = parsed.of(parsed.path)
    if tracker.takes(path) or subject.offer_span is not None or parsed.macros_in(*parsed.path):
        return
    details = {"tracker": tracker.name, "wanted": tracker.paths[0].replace("*", "KEY"), "path": path or "/"}
    fixed = len(tracker.paths) == 1 and "*" not in tracker.paths[0]
    edits = ((*parsed.path, tracker.paths[0]),) if fixed and parsed.merged is None else None
    span = parsed.path if parsed.path[0] < parsed.path[1] else None
    yield Note("wrong_endpoint", span, details, edits)
