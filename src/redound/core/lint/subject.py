"""What the rules look at: a URL taken apart, what is known about its postback, and what each row is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redound.core.lint.cells import Cell, canonical, cell_of
from redound.core.lint.visitors import offer_span
from redound.core.parsing import Where, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redound.core.addresses import Network
    from redound.core.gallery import Index, Tracker
    from redound.core.lint.codes import Severity
    from redound.core.parsing import Parsed, Span
    from redound.core.roles import Role

Edit = tuple[int, int, str]
"""Put this text in place of the characters from the first number to before the second."""


@dataclass(frozen=True, slots=True)
class LintContext:
    """What is known besides the URL. Everything may be left out; then only the URL itself is judged.

    `statuses` and `goals` are what the postback fires for; `several_goals` says that it is more than one
    although they are not listed ("any"). `links` are the affiliate's links, templates with the tracker's
    macros; `seen_slots` the macros of ours (`sub2`, `param.x`) in which the tracker's click ID was seen to
    arrive in real clicks. `tracker` is the one the URL is for, `trackers` recognises one. `manager` says
    that the manager's macros may be used. `elsewhere` are macros that the postback sends outside its URL.
    `allowed` are networks besides the public internet in which this installation lets receivers be.
    """

    statuses: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    several_goals: bool = False
    links: tuple[str, ...] = ()
    seen_slots: tuple[str, ...] = ()
    tracker: Tracker | None = None
    trackers: Index | None = None
    manager: bool = True
    elsewhere: tuple[str, ...] = ()
    allowed: Sequence[Network] = ()

    @property
    def many_statuses(self) -> bool:
        """Whether the postback fires for several statuses."""
        return len(self.statuses) > 1

    @property
    def many_goals(self) -> bool:
        """Whether the postback fires for several goals."""
        return self.several_goals or len(self.goals) > 1


@dataclass(frozen=True, slots=True)
class Note:
    """What a rule found: a code (or `code.variant`), where, what to say, and what would mend it.

    `edits` is None when there is no single safe correction. `severity` is given where the rule knows better
    than the table.
    """

    code: str
    span: Span | None
    details: Mapping[str, str] = field(default_factory=dict)
    edits: tuple[Edit, ...] | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a rule may look at. `names` are the canonical names of every macro of ours that is used.

    `offer_span` is what makes it look like a link for visitors, None when nothing does.
    """

    parsed: Parsed
    context: LintContext
    tracker: Tracker | None
    cells: tuple[Cell, ...]
    names: frozenset[str]
    offer_span: Span | None

    def of_role(self, role: Role) -> list[Cell]:
        """Return the parameters of a role."""
        return [cell for cell in self.cells if cell.role is role]

    @property
    def query(self) -> Iterable[Cell]:
        """The parameters of the query."""
        return (cell for cell in self.cells if cell.row.where is Where.QUERY)


def look(text: str, context: LintContext) -> Subject:
    """Take a URL apart and say what each row is for."""
    parsed = parse(text)
    tracker = context.tracker
    if tracker is None and context.trackers is not None:
        tracker = context.trackers.recognise(parsed)
    cells = tuple(cell_of(row, tracker) for row in parsed.rows)
    names = {name for macro in parsed.macros if (name := canonical(macro)) is not None}
    known = frozenset((*names, *context.elsewhere))
    return Subject(parsed, context, tracker, cells, known, offer_span(parsed, cells))
