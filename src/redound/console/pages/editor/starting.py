"""Where a postback starts from: a tracker of the gallery, its blanks, and URLs of other platforms."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from redound import gallery
from redound.console.catalog import visibility
from redound.console.catalog.shapes import link as link_shape
from redound.console.trackers import entries
from redound.core.dialects import DIALECTS
from redound.core.gallery import generate
from redound.core.parsing import parse
from redound.core.roles import Role
from redound.core.translate import to_ours

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.pages.editor.fields import Fields
    from redound.core.gallery import Tracker
    from redound.core.parsing import Parsed

FIRST: Final[tuple[str, ...]] = ("keitaro", "binom", "voluum", "redtrack", "bemob", "peerclick", "clickflare")
"""The trackers that are offered at once, the others behind a click."""
COLOURS: Final = 8
_SCHEME: Final = re.compile(r"^https?://", re.IGNORECASE)
_SLOT: Final = re.compile(r"sub(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tracker to pick. `colour` is the number of a class."""

    slug: str
    name: str
    colour: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Blank:
    """A word of a template that a person has to replace."""

    word: str
    label: str
    example: str
    value: str


@dataclass(frozen=True, slots=True)
class LinkSide:
    """What goes into the affiliate's link so that the postback has something to return.

    `url` is "" when the tracker's macro is not known. `slot` is the sub slot in both.
    """

    tracker: Tracker
    url: str
    slot: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A URL written for another platform: what it becomes, and what has no counterpart here."""

    platform: str
    url: str
    unmapped: tuple[str, ...]
    notes: tuple[str, ...]


def tiles(caller: Caller, chosen: str) -> tuple[list[Tile], list[Tile]]:
    """Return the trackers offered at once and the others; one that is chosen is among the first."""
    known = {**gallery.trackers(), **{row.pk: entries.tracker_of(row) for row in entries.visible(caller)}}
    first = [slug for slug in FIRST if slug in known]
    if chosen in known and chosen not in first:
        first.append(chosen)
    return (
        [_tile(known[slug], chosen) for slug in first],
        [_tile(each, chosen) for slug, each in known.items() if slug not in first],
    )


def _tile(tracker: Tracker, chosen: str) -> Tile:
    colour = FIRST.index(tracker.slug) if tracker.slug in FIRST else sum(map(ord, tracker.name)) % COLOURS
    return Tile(tracker.slug, tracker.name.partition(" (")[0], colour, chosen=tracker.slug == chosen)


def start(fields: Fields, name: str, caller: Caller) -> Fields:
    """Return the fields with a tracker's template in place of the URL; "" is a template of one's own."""
    tracker = entries.find(name, caller) if name else None
    if tracker is None:
        return replace(fields, tracker="", blanks={})
    previous = entries.find(fields.tracker, caller) if fields.tracker else None
    named = not fields.name or (previous is not None and fields.name == previous.name)
    return replace(
        fields,
        tracker=tracker.slug,
        name=tracker.name if named else fields.name,
        method="GET",
        url=generate(tracker, "").postback,
        blanks={},
    )


def filled(fields: Fields) -> Fields:
    """Return the fields with what was typed for blanks in their places in the URL."""
    url = fields.url
    for word, value in fields.blanks.items():
        if word in blanks_of(url) and value:
            url = cleaned(word, value).join(_spot(word).split(url))
    return fields.with_url(url)


def cleaned(word: str, value: str) -> str:
    """Return what is typed for a blank without what people paste along with it: a scheme, a path."""
    value = _SCHEME.sub("", value.strip())
    if word in {"DOMAIN", "SUB", "TENANT"}:
        value = re.split(r"[/?#]", value, maxsplit=1)[0]
    return value.strip("/ ")


def blanks_of(url: str) -> tuple[str, ...]:
    """Return the words in capitals that are still to be replaced in scheme, host and path of a template."""
    before, _question, query = url.partition("?")
    found = _WORD.findall(_SCHEME.sub("", before)) + _VALUE.findall(query)
    return tuple(dict.fromkeys(found))


_WORD: Final = re.compile(r"(?<![A-Za-z0-9{])[A-Z]{2,}(?![A-Za-z0-9}])")
_VALUE: Final = re.compile(r"(?<==)[A-Z]{2,}(?=&|$)")


def _spot(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![{{A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9}}])")


def blanks(fields: Fields, tracker: Tracker | None) -> list[Blank]:
    """Return the blanks of the tracker's template, those that are filled already too."""
    if tracker is None:
        return []
    labels = {
        "DOMAIN": (_("Your tracker's domain"), "track.example.com"),
        "KEY": (_("Postback key"), "3f9ab1e"),
        "SUB": (_("Your subdomain"), "yourname"),
        "TENANT": (_("Your subdomain"), "yourname"),
    }
    words = blanks_of(generate(tracker, "").postback)
    waiting = blanks_of(fields.url)
    return [
        Blank(word, *labels.get(word, (word, "")), fields.blanks.get(word, ""))
        for word in words
        if word in waiting or fields.blanks.get(word)
    ]


def template_of(tracker: Tracker | None) -> str:
    """Return the postback URL of a tracker with its blanks; "" without one."""
    return generate(tracker, "").postback if tracker is not None else ""


def tracker_of(fields: Fields, parsed: Parsed, caller: Caller) -> tuple[Tracker | None, bool]:
    """Return the tracker that the URL is for, as recognised, else as picked; and whether it was the first."""
    recognised = gallery.index().recognise(parsed)
    if recognised is not None:
        return recognised, recognised.slug != fields.tracker
    return (entries.find(fields.tracker, caller) if fields.tracker else None), False


def link_side(tracker: Tracker | None, parsed: Parsed, fields: Fields, caller: Caller) -> LinkSide | None:
    """Return what belongs into the affiliate's link, in the slot that the postback returns."""
    if tracker is None:
        return None
    slot = _slot(parsed, tracker)
    if not slot:
        return None
    made = generate(tracker, _some_link(fields, caller), slot)
    return LinkSide(tracker, made.link, f"sub{slot}", tracker.click_macro)


def _slot(parsed: Parsed, tracker: Tracker) -> int:
    """Return the number of the sub slot that the tracker's click parameter returns; 0 for none."""
    for row in parsed.rows:
        if tracker.role_of(row.key) is Role.CLICK:
            found = [_SLOT.fullmatch(macro.name) for macro in row.macros]
            return next((int(each[1]) for each in found if each), 0)
    return 0


def _some_link(fields: Fields, caller: Caller) -> str:
    """Return the latest link that the postback would be for, else any address of a link."""
    links = visibility.links(caller).filter(active=True)
    if fields.affiliate_id:
        links = links.filter(campaign__affiliate_id=fields.affiliate_id)
    columns = {"link": "pk", "campaign": "campaign_id", "offer": "offer_id", "brand": "offer__brand_id"}
    if fields.included and fields.level in columns:
        links = links.filter(**{f"{columns[fields.level]}__in": fields.included})
    row = links.order_by("-pk").first()
    return str(link_shape(row, caller)["url"]) if row is not None else f"…/c/{_('your link')}"


def foreign(fields: Fields) -> Foreign | None:
    """Return what a URL that was written for another platform becomes; None when it is ours."""
    found = to_ours(fields.url)
    if found.url == fields.url or len(fields.url) > _LONGEST:
        return None
    dialect = DIALECTS.get(found.platform)
    return Foreign(dialect.title if dialect else "", found.url, found.unmapped, found.notes)


_LONGEST: Final = 8192


def parsed_of(fields: Fields) -> Parsed:
    """Return the URL taken apart."""
    return parse(fields.url)
