"""What can be chosen in the editor: affiliates, brands, offers, campaigns, links, goals, conversions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from redound.console.catalog import visibility
from redound.console.records.conversions import conversions
from redound.console.shell.templatetags.shell import as_datetime, in_words
from redound.core.macros import MACROS, MANAGER_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.pages.editor.fields import Fields

MOST: Final = 200
"""Rows of a list to choose from; what is chosen already is always among them."""
CHIPS: Final = (
    *("sub1", "click_id", "conversion_id", "txid", "payout", "currency", "status", "goal"),
    *("offer_id", "offer_name", "country", "sub2", "sub3", "timestamp"),
)
"""The macros that are offered at once."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `about` tells things of one name apart."""

    id: str
    name: str
    about: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that can be chosen for a postback of one owner."""

    brands: list[Option]
    offers: list[Option]
    campaigns: list[Option]
    links: list[Option]
    goals: list[Option]
    excluded: list[Option]


def choices(fields: Fields, caller: Caller) -> Choices:
    """Return what the caller may choose; campaigns and links are those of the postback's affiliate."""
    owner = fields.affiliate_id or caller.affiliate_id or ""
    campaigns = visibility.campaigns(caller).filter(affiliate_id=owner)
    links = visibility.links(caller).filter(campaign__affiliate_id=owner)
    offers = _options(visibility.offers(caller), fields.include.get("offer", ()), "brand.name")
    return Choices(
        brands=_options(visibility.brands(caller), fields.include.get("brand", ())),
        offers=offers,
        campaigns=_options(campaigns, fields.include.get("campaign", ())),
        links=_options(links, fields.include.get("link", ()), "offer.name"),
        goals=_options(visibility.goals(caller), fields.goal_ids, "offer.name"),
        excluded=_options(visibility.offers(caller), fields.exclude_offers, "brand.name"),
    )


def _options(rows: QuerySet[Any], chosen: Sequence[str], about: str = "") -> list[Option]:
    found = list(rows.order_by("-pk")[:MOST])
    known = {row.pk for row in found}
    missing = [each for each in chosen if each not in known]
    if missing:
        found += rows.filter(pk__in=missing)
    options = [Option(row.pk, str(row), _about(row, about), row.pk in chosen) for row in found]
    return sorted(options, key=lambda option: (not option.chosen, option.name.lower()))


def _about(row: Any, path: str) -> str:
    if not path:
        return ""
    for name in path.split("."):
        row = getattr(row, name)
    return str(row)


def affiliates(caller: Caller) -> list[tuple[str, str]]:
    """Return the affiliates that a manager may choose for a new postback."""
    found = visibility.affiliates(caller).order_by("name").values_list("pk", "name")[: 5 * MOST]
    return [("", _("None: every affiliate of the offers or brands below")), *found]


def recent(fields: Fields, caller: Caller) -> list[tuple[str, str]]:
    """Return the latest conversions that a preview may use, each with words."""
    rows = conversions.visible(caller)
    owner = fields.affiliate_id or caller.affiliate_id
    if owner:
        rows = rows.filter(affiliate_id=owner)
    found = list(rows.order_by("-pk")[:8])
    goals = dict(
        visibility.goals(caller).filter(pk__in={row.goal_id for row in found}).values_list("pk", "name")
    )
    return [(row.pk, _conversion(row, goals)) for row in found]


def _conversion(row: Any, goals: dict[str, str]) -> str:
    at = as_datetime(row.created_at)
    when = date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""
    return f"{goals.get(row.goal_id, row.goal_id)} · {in_words(row.status)} · {when}"


def macros(fields: Fields, caller: Caller) -> tuple[list[str], list[str]]:
    """Return the macros that are offered at once, and all others that may be used."""
    hidden = MANAGER_ONLY if not caller.manages or fields.affiliate_id else frozenset[str]()
    rest: Iterable[str] = (name for name in MACROS if name not in CHIPS and name not in hidden)
    return list(CHIPS), [*rest, "param.NAME"]
