"""What the form of a statistics page offers: ranges, groups, and the things that figures are narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from redound.console.catalog import visibility
from redound.console.postbacks.visibility import postbacks
from redound.console.statistics.answering import names_of
from redound.console.statistics.asking import DeliveriesAsked
from redound.console.statistics.reading import DELIVERY_GROUPS, GROUPS
from redound.console.statistics.wishes import RANGES
from redound.console.statistics.words import group_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.statistics.wishes import Wish

MOST: Final = 200
"""How many things a field offers by name; any other is found by its ID in the address."""

_ROWS: Final[Mapping[str, Callable[[Caller], QuerySet[Any]]]] = {
    "affiliate": visibility.affiliates,
    "offer": visibility.offers,
    "goal": visibility.goals,
    "campaign": visibility.campaigns,
    "link": visibility.links,
    "postback": postbacks,
}
_TYPED: Final = ("country", "sub2", "sub3", "sub4", "sub5", "sub1")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a choice among `options` (value, words), or a text without them."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """All of them: `main` are always shown, `more` when somebody looks for them or one is set."""

    ranges: list[tuple[str, str]]
    groups: list[tuple[str, str]]
    main: list[Field]
    more: list[Field]

    @property
    def narrowed(self) -> bool:
        """Whether one of the further fields is set."""
        return any(field.value for field in self.more)


def form_of(wish: Wish[Any], caller: Caller) -> Form:
    """Return what the form offers to the caller."""
    of_deliveries = isinstance(wish.asked, DeliveriesAsked)
    names: tuple[str, ...] = DELIVERY_GROUPS if of_deliveries else GROUPS
    if not caller.manages:
        names = tuple(name for name in names if name != "affiliate")
    groups = [("", _("Time")), *((name, group_in_words(name)) for name in names)]
    chosen = [name for name in names if name in _ROWS]
    fields = [_choice(name, wish, caller) for name in chosen]
    if not of_deliveries:
        fields += [Field(name, group_in_words(name), wish.given.get(name, "")) for name in _TYPED]
    return Form([(name, str(words)) for name, words in RANGES.items()], groups, fields[:2], fields[2:])


def _choice(name: str, wish: Wish[Any], caller: Caller) -> Field:
    value = wish.given.get(f"{name}_id", "")
    found = [
        (pk, words or pk)
        for pk, words in _ROWS[name](caller).order_by("name", "pk").values_list("pk", "name")[:MOST]
    ]
    if value and value not in dict(found):
        own = _ROWS[name](caller).filter(pk=value).exists() if value.isascii() else False
        known = names_of(name, {value}) if own else {}
        found.append((value, known.get(value, value)))
    return Field(f"{name}_id", group_in_words(name), value, [("", _("All")), *found])
