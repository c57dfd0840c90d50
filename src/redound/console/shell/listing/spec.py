"""What a list is made of: columns, tabs, filters, and how its rows are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from django.utils.formats import number_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import Model, QuerySet
    from django.utils.functional import _StrPromise

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Apply, Filters
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

    Words = str | _StrPromise
    Look = Callable[[Caller, Filters, "Place"], "Looked | None"]
    Counts = Callable[[Caller, Filters], Mapping[str, "Count"]]

M = TypeVar("M", bound="Model")

COUNTED = 1_000
"""How far a tab counts: what is more is shown as "1,000+", for nobody reads on and a database would."""


class Source(Protocol[M]):
    """Where rows come from; a `records.record.Record` is one."""

    @property
    def visible(self) -> Callable[[Caller], QuerySet[M]]:
        """The rows that exist for somebody."""

    @property
    def shapes(self) -> Callable[[Sequence[M], Caller], list[Values]]:
        """What is shown of them."""

    @property
    def filters(self) -> Mapping[str, Apply]:
        """The filters that are more than a column of their name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `key` is the field of the row's values (dots lead inside), its name without one.

    `kind` says how the value looks; `to` names the page that an `id` or `link` leads to, by the field `ref`.
    `phone`: on a narrow screen a row is a card, which leaves a column out or gives it a line of its own.
    A `roomy` one gives way when a row is open beside the list. One that is not `shown` has to be chosen.
    """

    name: str
    label: Words
    kind: Literal["text", "mono", "state", "moment", "money", "number", "flag", "link"] = "text"
    key: str = ""
    to: str = ""
    ref: str = "id"
    phone: Literal["", "hide", "full"] = ""
    roomy: bool = False
    shown: bool = True

    @property
    def css(self) -> str:
        """The classes of its cells."""
        phone = {"hide": "hide-s", "full": "full"}.get(self.phone, "") + (" c-n" if self.roomy else "")
        kind = {"money": "r num", "number": "r num", "mono": "mono", "moment": "muted num"}.get(self.kind, "")
        return f"{phone} {kind}".strip()


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter that has a tab: parameters and their values. The one without any shows all."""

    name: str
    label: Words
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set by hand. `options` are (value, words) pairs for a `select`.

    `moment` is a start given as "24h" or "7d" before now, or as a date and time in the reader's zone.
    """

    name: str
    label: Words
    kind: Literal["select", "text", "moment", "flag"] = "select"
    options: Callable[[PageRequest], Iterable[tuple[str, Words]]] | None = None
    placeholder: Words = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, or at least how many."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{number_format(self.number, use_l10n=True, force_grouping=True)}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of `limit` rows: the newest that are older than `before`, or the oldest newer than `after`."""

    limit: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """The IDs among which the rows of a page are, of a table too large to be searched at a go.

    `last`: how far was looked, None when that was to the end.
    """

    ids: Sequence[str]
    last: str | None = None
