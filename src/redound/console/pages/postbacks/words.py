"""When a postback fires, in words: for the editor while it is written, for its page, for lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from redound.console.catalog import visibility
from redound.console.pages.editor.fields import duration
from redound.console.shell.templatetags.shell import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.utils.functional import _StrPromise

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback

SHOWN: Final = 3
"""Names of a list before "and n more"."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A postback's rule, each part a phrase. `also` are the further conditions."""

    what: str
    when: str
    where: str
    also: tuple[str, ...]


LEVELS: Final[Mapping[str, str | _StrPromise]] = {
    "affiliate": gettext_lazy("All offers"),
    "brand": gettext_lazy("Brands"),
    "offer": gettext_lazy("Offers"),
    "campaign": gettext_lazy("Campaigns"),
    "link": gettext_lazy("Links"),
}


class Names:
    """The names of what rules mention, read with one query a noun for all of them."""

    def __init__(self, rows: Sequence[Postback], caller: Caller) -> None:
        """Read the names of the first few of each rule."""
        wanted: dict[str, set[str]] = {}
        for row in rows:
            wanted.setdefault(row.level, set()).update(row.include[:SHOWN])
            wanted.setdefault("offer", set()).update(row.exclude_offers[:SHOWN])
            if isinstance(row.goals, list):
                wanted.setdefault("goal", set()).update(row.goals[:SHOWN])
        sets = {
            "brand": visibility.brands,
            "offer": visibility.offers,
            "campaign": visibility.campaigns,
            "link": visibility.links,
            "goal": visibility.goals,
        }
        self._names = {
            found.pk: str(found)
            for noun, ids in wanted.items()
            if noun in sets and ids
            for found in sets[noun](caller).filter(pk__in=ids)
        }

    def list(self, ids: Sequence[str]) -> str:
        """Return the first names, and how many more there are."""
        shown = ", ".join(self._names.get(each, each) for each in ids[:SHOWN])
        more = len(ids) - SHOWN
        if more <= 0:
            return shown
        return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
            "names": shown,
            "n": more,
        }


def rule_of(row: Postback, names: Names) -> Rule:
    """Return a postback's rule in words."""
    return Rule(_what(row, names), _when(row), scope_of(row, names), tuple(_also(row)))


def _what(row: Postback, names: Names) -> str:
    if row.event == "click":
        return _("Each valid click")
    match row.goals:
        case "any":
            return _("A conversion of any goal")
        case "base":
            return _("A conversion of the offer's base goal")
        case "events":
            return _("A conversion of any goal but the base one")
        case ids:
            return _("A conversion of the goal %(goals)s") % {"goals": names.list(ids) or "–"}


def _when(row: Postback) -> str:
    if row.event == "click":
        return _("when the visitor is redirected")
    words = [in_words(status).lower() for status in row.statuses]
    if row.status_mode == "all":
        return _("once, when it has been %(statuses)s") % {"statuses": _joined(words, _("and"))}
    statuses = _joined(words, _("or"))
    if row.status_mode == "once":
        return _("only the first time that it becomes %(statuses)s") % {"statuses": statuses}
    return _("each time that it becomes %(statuses)s") % {"statuses": statuses}


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) <= 1:
        return words[0] if words else "–"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def scope_of(row: Postback, names: Names) -> str:
    """Return where a postback applies."""
    chosen = names.list(row.include) or "–"
    match row.level:
        case "brand":
            where = _("for offers of the brand %(names)s") % {"names": chosen}
        case "offer":
            where = _("for the offer %(names)s") % {"names": chosen}
        case "campaign":
            where = _("for the campaign %(names)s") % {"names": chosen}
        case "link":
            where = _("for the link %(names)s") % {"names": chosen}
        case _:
            where = _("for all offers, later ones too")
    if row.exclude_offers:
        where = _("%(where)s, except %(names)s") % {"where": where, "names": names.list(row.exclude_offers)}
    return where


def _also(row: Postback) -> Iterable[str]:
    if row.payout_above_zero:
        yield _("only with a payout above zero")
    if row.max_age_seconds is not None:
        yield _("only within %(time)s of the click") % {"time": in_units(row.max_age_seconds)}
    if row.delay_seconds:
        yield _("sent %(time)s later") % {"time": in_units(row.delay_seconds)}


_UNITS: Final = {
    "d": (gettext_lazy("%s d")),
    "h": (gettext_lazy("%s h")),
    "m": (gettext_lazy("%s min")),
    "s": (gettext_lazy("%s s")),
}


def in_units(seconds: int) -> str:
    """Return "2 h" for 7200 seconds."""
    text = duration(seconds)
    return str(_UNITS[text[-1]]) % text[:-1]
