"""How other platforms write their macros, and telling from a URL which platform it was written for.

One table a platform: its style of writing, the names it has, and ours for each. Slots keep their number.
The facts are the platforms' public documentation; what that does not say is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from redound.core.macros import MACROS, PARAM, resolve
from redound.core.styles import Style, Written, find_macros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OURS: Final = "redound"
WORTH_NAMING: Final = 0.05
"""Candidates below this confidence are left out."""


def _slots(prefix: str, last: int, first: int = 1) -> dict[str, str]:
    return {f"{prefix}{number}": f"sub{number}" for number in range(first, last + 1)}


@dataclass(frozen=True, slots=True)
class Dialect:
    """A platform's way of writing. `names` leads from its names to ours.

    `any_name`: its macros are the parameters of the link, whatever they are called (ReferOn).
    """

    slug: str
    title: str
    style: Style
    names: Mapping[str, str]
    case_sensitive: bool = False
    any_name: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    def ours(self, macro: Written) -> str | None:
        """Return our name for a macro as this platform writes it, None when it has no such macro."""
        style, name = _plain(macro)
        if style is not self.style:
            return None
        found = self.names.get(name)
        if found is None and not self.case_sensitive:
            found = _by_case(self.slug).get(name.lower())
        return found

    def write(self, name: str) -> str | None:
        """Return how this platform writes a macro of ours, None when it has none for it."""
        theirs = _theirs(self.slug).get(name)
        if theirs is None and self.any_name and name.startswith(PARAM):
            theirs = name[len(PARAM) :]
        return None if theirs is None else self.style.value.replace("x", theirs)


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        dialect.slug: dialect
        for dialect in (
            Dialect(
                "trackdesk",
                "trackdesk",
                Style.BRACE,
                {**_slots("affS", 5), "payout": "payout", "cid": "click_id", "externalId": "txid"},
            ),
            Dialect(
                "everflow",
                "Everflow",
                Style.BRACE,
                {
                    **_slots("sub", 10),
                    "source_id": "source",
                    "payout": "payout",
                    "event_id": "goal_id",
                    "event_name": "goal_name",
                    "transaction_id": "click_id",
                    "order_id": "txid",
                },
                case_sensitive=True,
            ),
            Dialect(
                "tune",
                "TUNE",
                Style.BRACE,
                {
                    "aff_sub": "sub1",
                    **_slots("aff_sub", 5, first=2),
                    "source": "source",
                    "payout": "payout",
                    "goal_ref": "goal",
                    "transaction_id": "click_id",
                    "adv_sub": "txid",
                },
            ),
            Dialect(
                "affise",
                "Affise",
                Style.BRACE,
                {
                    **_slots("sub", 20),
                    "sum": "payout",
                    "status": "status",
                    "goal": "goal",
                    "transactionid": "txid",
                },
                notes={
                    "status": "Affise sends 1 for approved, 2 pending, 3 declined, 5 hold; {status} here "
                    "sends words. For numbers write {status|map:approved=1,pending=2,rejected=3,hold=5}."
                },
            ),
            Dialect(
                "trackier",
                "Trackier",
                Style.BRACE,
                {
                    **_slots("p", 10),
                    "source": "source",
                    "payout": "payout",
                    "goal_value": "goal",
                    "click_id": "click_id",
                    "txn_id": "txid",
                },
            ),
            Dialect(
                "cake",
                "CAKE",
                Style.HASH,
                {**_slots("s", 5), "price": "payout", "reqid": "click_id", "tid": "txid"},
            ),
            Dialect(
                "swaarm",
                "Swaarm",
                Style.HASH_BRACE,
                {
                    "click.publisher.clickId": "sub1",
                    "payout.theyGetInDollars": "payout",
                    "status.state": "status",
                    "eventType.name": "goal",
                },
                notes={"payout": "Swaarm's payout is in US dollars; {payout} is in the offer's currency."},
            ),
            Dialect(
                "impact",
                "impact.com",
                Style.BRACE,
                {
                    **_slots("SubId", 3),
                    "Payout": "payout",
                    "Status": "status",
                    "ActionTrackerName": "goal_name",
                    "OrderId": "txid",
                },
                case_sensitive=True,
            ),
            Dialect(
                "katalys",
                "Katalys",
                Style.BRACE,
                {
                    **_slots("aff_sub", 5),
                    "payout": "payout",
                    "conversion_status": "status",
                    "action_type": "goal",
                    "transaction_id": "click_id",
                },
            ),
            Dialect(
                "referon",
                "ReferOn",
                Style.BRACE,
                {
                    **dict.fromkeys(("clickid", "click_id", "subid"), "sub1"),
                    **_slots("var", 5),
                    "pubid": "param.pubid",
                    "fluid": "click_id",
                    "Event Type": "event_type",
                },
                any_name=True,
                notes={
                    "sub1": "ReferOn returns each parameter under the name it has in the link: let your link "
                    "carry the tracker's click ID in sub1."
                },
            ),
        )
    }
)
"""Every platform that the translator knows, by the name it is asked for."""


@lru_cache(maxsize=64)
def _by_case(slug: str) -> Mapping[str, str]:
    return {name.lower(): ours for name, ours in DIALECTS[slug].names.items()}


@lru_cache(maxsize=64)
def _theirs(slug: str) -> Mapping[str, str]:
    table: dict[str, str] = {}
    for theirs, ours in DIALECTS[slug].names.items():
        table.setdefault(ours, theirs)
    return table


def _plain(macro: Written) -> tuple[Style, str]:
    """Return style and name of what an encoded macro would be; itself for any other."""
    if macro.style is not Style.ENCODED:
        return macro.style, macro.name.strip()
    inner = find_macros("=" + macro.decoded)
    return (inner[0].style, inner[0].name.strip()) if inner else (macro.style, macro.name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A platform that a URL may have been written for; `confidence` is between 0 and 1."""

    platform: str
    confidence: float


def recognise(macros: Sequence[Written]) -> list[Candidate]:
    """Return the platforms whose macros these may be, likeliest first; [] when none knows any of them.

    A platform counts for the share of the macros that it has, and the more for each that few others have.
    Ours is among them.
    """
    knowing = [_knowing(macro) for macro in macros]
    marks: dict[str, float] = {}
    shares: dict[str, float] = {}
    for known in knowing:
        for slug in known:
            marks[slug] = marks.get(slug, 0.0) + 1 / len(known)
            shares[slug] = shares.get(slug, 0.0) + 1 / len(knowing)
    weights = {slug: mark * shares[slug] ** 2 for slug, mark in marks.items()}
    whole = sum(weights.values())
    found = [Candidate(slug, round(weight / whole * shares[slug], 2)) for slug, weight in weights.items()]
    found = [candidate for candidate in found if candidate.confidence >= WORTH_NAMING]
    order = (*DIALECTS, OURS)
    return sorted(found, key=lambda each: (-each.confidence, order.index(each.platform)))


def _knowing(macro: Written) -> list[str]:
    known = [slug for slug, dialect in DIALECTS.items() if dialect.ours(macro) is not None]
    if macro.style is Style.BRACE and macro.name in MACROS:
        known.append(OURS)
    return known


def ours_for(macro: Written) -> str | None:
    """Return our macro for one of any platform, None when platforms disagree or none has it.

    Slots and plain words that every system uses in one meaning are understood in every style.
    """
    style, name = _plain(macro)
    return _ours_for(style, name)


@lru_cache(maxsize=8192)
def _ours_for(style: Style, name: str) -> str | None:
    probe = Written(style, "", name, 0, 0)
    readings = {found for dialect in DIALECTS.values() if (found := dialect.ours(probe)) is not None}
    if style is Style.BRACE:
        return resolve(name)
    if len(readings) == 1:
        return readings.pop()
    return _plain_word(name)


def spelt_otherwise(name: str) -> str | None:
    """Return the macro whose name is only spelt otherwise: `sub_1`, `subid3`, `conversionId`; else None.

    A name in another case alone is None: who writes that should be told about case.
    """
    lower = name.strip().lower().replace("-", "_").replace(" ", "_")
    found = _PLAIN_WORDS.get(lower) or _PLAIN_WORDS.get(lower.replace("_", ""))
    return None if found == lower else found


def _plain_word(name: str) -> str | None:
    lower = name.strip().lower().replace("-", "_").replace(" ", "_")
    found = _PLAIN_WORDS.get(lower) or _PLAIN_WORDS.get(lower.replace("_", ""))
    if found is not None:
        return found
    dialects = {each[lower] for slug in DIALECTS if slug != "referon" and lower in (each := _by_case(slug))}
    return dialects.pop() if len(dialects) == 1 and lower not in _SEVERAL else None


def _words() -> Iterable[tuple[str, str]]:
    for number in range(1, 21):
        for prefix in ("sub", "subid", "sub_id", "sub_id_", "affsub", "aff_sub", "aff_sub_", "sub_"):
            yield f"{prefix}{number}", f"sub{number}"
    for name in MACROS:
        if name != "click_id":
            yield name, name
            yield name.replace("_", ""), name
    yield from (("affsub", "sub1"), ("aff_sub", "sub1"), ("orderid", "txid"), ("order_id", "txid"))


_PLAIN_WORDS: Final[Mapping[str, str]] = dict(_words())
_SEVERAL: Final = frozenset({"transaction_id", "transactionid", "tid", "cid", "clickid", "click_id", "subid"})
