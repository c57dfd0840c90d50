"""What the linter is told about a postback: from the stored one, its affiliate's clicks, and who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound import gallery
from redound.console import runtime
from redound.console.catalogue import Catalogue
from redound.console.columns import read_json
from redound.console.errors import NotFoundError
from redound.console.postbacks import visibility
from redound.console.traffic.models import Click, Conversion
from redound.core.firing import frozen_values
from redound.core.lint.evidence import seen_slots
from redound.core.lint.subject import LintContext
from redound.core.macros import resolve, without_manager_only
from redound.core.styles import find_macros
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback
    from redound.core.gallery import Tracker

LATEST_CLICKS = 50
"""Clicks of the affiliate that are looked at."""


def context(
    caller: Caller,
    *,
    postback_id: str = "",
    affiliate_id: str = "",
    statuses: tuple[str, ...] = (),
    goals: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
    tracker: Tracker | None = None,
    draft: Postback | None = None,
) -> LintContext:
    """Return what is known; NotFoundError for a postback that the caller does not see.

    `draft` is a postback that need not be stored, of somebody whom the caller may see.

    Clicks are looked at where no links are given and an affiliate is concerned.
    """
    postback = visibility.postbacks(caller).filter(pk=postback_id).first() if postback_id else draft
    if postback_id and postback is None:
        raise NotFoundError
    owner = affiliate_id if caller.manages else caller.affiliate_id
    if postback is not None:
        owner = postback.affiliate_id or ""
        statuses = statuses or tuple(postback.statuses)
        goals = goals or _goals(postback)
    return LintContext(
        statuses=statuses,
        goals=goals,
        several_goals=postback is not None and not goals and postback.goals in {"any", "events"},
        links=links,
        seen_slots=() if links or not owner else _seen(owner),
        tracker=tracker,
        trackers=gallery.index(),
        manager=caller.manages and not owner,
        elsewhere=tuple(_elsewhere(postback)) if postback is not None else (),
        allowed=runtime.settings().allow_networks,
    )


def _goals(postback: Postback) -> tuple[str, ...]:
    return tuple(postback.goals) if isinstance(postback.goals, list) else ()


def _seen(affiliate_id: str) -> tuple[str, ...]:
    latest = Click.objects.filter(affiliate_id=affiliate_id, valid=True).order_by("-pk")
    found = latest.values_list("params", flat=True)[:LATEST_CLICKS]
    return seen_slots([read_json(params) or {} for params in found])


def _elsewhere(postback: Postback) -> Iterator[str]:
    """Yield the macros in parameters, headers and body."""
    pairs = [*postback.params, *postback.headers]
    for text in (postback.body, *(str(pair.get("value") or "") for pair in pairs)):
        for macro in find_macros(text):
            name = resolve(macro.name)
            if name is not None:
                yield name


def real_values(conversion_id: str, caller: Caller) -> dict[str, str]:
    """Return the macro values of a stored conversion; NotFoundError for one that the caller does not see."""
    found = Conversion.objects.filter(pk=conversion_id)
    if not caller.manages:
        found = found.filter(affiliate_id=caller.affiliate_id)
    row = found.values_list(*rows.CONVERSION).first()
    catalogue = Catalogue()
    conversion = rows.conversion(row) if row is not None else None
    offer = catalogue.offer(conversion.offer_id) if conversion is not None else None
    if conversion is None or offer is None:
        raise NotFoundError
    stored = Click.objects.filter(pk=conversion.click_id).values_list(*rows.CLICK).first()
    click = rows.click(stored) if stored is not None else None
    values = frozen_values(click, conversion, None, offer, catalogue)
    return values if caller.manages else without_manager_only(values)
