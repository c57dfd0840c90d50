"""From the text that somebody asks for to the click that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from redound.console import named, runtime
from redound.console.clock import now_ms
from redound.console.tracing.looking import conversions_of, ids, noted
from redound.core.ids import read_id
from redound.core.trace.facts import Asked, Kind
from redound.core.trace.likeness import How, Likeness, altered, find_ours, piece
from redound.core.trace.sub_values import day_of, slot_of, value_key, worth_finding
from redound.store.rows import catalog

if TYPE_CHECKING:
    from redound.console.tracing.scope import Scope
    from redound.core.catalog import Link
    from redound.core.ids import ClickIdParts

MAX_TEXT = 500
DAYS = 400
"""How far back a sub value is looked for: each day is one look-up."""
MOST_CLICKS = 50
LOOKED_UP = 200
"""How many clicks with a value are read, of which an affiliate's own are kept."""
SCANNED = 5_000
"""How many of the latest clicks are searched for a value that is not noted yet."""
_AFTER_ALL = "~"
_ADDRESS = "://"
"""Somebody pasted the address in which the click ID stands: nothing is wrong with that."""
_QUOTES = "\"'`“”«»"


@dataclass(frozen=True, slots=True)
class Found:
    """What a text leads to. `click_id` may be of a click that is gone; `others` carry the same sub value."""

    asked: Asked
    click_id: str = ""
    report_ids: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def resolve(text: str, scope: Scope) -> Found:
    """Return what the text is, for this person; Kind.UNKNOWN for what is somebody else's or nobody's."""
    shown = text.strip().strip(_QUOTES).strip()[:MAX_TEXT].replace("\0", "")
    asked = Asked(shown)
    if not shown:
        return Found(asked)
    prefixed = read_id(shown.lower())
    if prefixed is not None:
        return _by_prefix(replace(asked, text=shown.lower()), prefixed.prefix, scope)
    ours = find_ours(runtime.vault().click_keys, shown)
    if ours is not None:
        return _our_click(asked, *ours, scope)
    return (
        _by_txid(asked, scope)
        or _by_sub_value(asked, scope)
        or _by_report(asked, scope)
        or _by_likeness(asked, scope)
        or Found(replace(asked, forged=bool(altered(shown))))
    )


def _by_prefix(asked: Asked, prefix: str, scope: Scope) -> Found:
    look_up = {
        "cnv": _of_conversion,
        "trn": _of_transition,
        "dlv": _of_delivery,
        "att": _of_attempt,
        "rpt": _of_report,
    }.get(prefix)
    found = look_up(asked.text, scope) if look_up is not None else None
    if found is None:
        return Found(asked)
    return replace(found, asked=replace(found.asked, text=asked.text))


def _of_conversion(row_id: str, scope: Scope) -> Found | None:
    click_id = scope.conversions.filter(pk=row_id).values_list("click_id", flat=True).first()
    return None if click_id is None else Found(Asked(row_id, Kind.CONVERSION, row_id), click_id)


def _of_transition(row_id: str, scope: Scope) -> Found | None:
    conversion_id = scope.conversions.filter(transitions=row_id).values_list("pk", flat=True).first()
    return None if conversion_id is None else _of_conversion(conversion_id, scope)


def _of_delivery(row_id: str, scope: Scope) -> Found | None:
    click_id = scope.deliveries.filter(pk=row_id).values_list("click_id", flat=True).first()
    return None if click_id is None else Found(Asked(row_id, Kind.DELIVERY, row_id), click_id)


def _of_attempt(row_id: str, scope: Scope) -> Found | None:
    delivery_id = scope.attempts.filter(pk=row_id).values_list("delivery_id", flat=True).first()
    found = _of_delivery(delivery_id, scope) if delivery_id is not None else None
    return found and replace(found, asked=Asked(row_id, Kind.ATTEMPT, found.asked.id))


def _of_report(row_id: str, scope: Scope) -> Found | None:
    row = scope.reports.filter(pk=row_id).values_list("click_id", flat=True).first()
    if row is None:
        return None
    ours = find_ours(runtime.vault().click_keys, row)
    return Found(Asked(row_id, Kind.REPORT, row_id), ours[0].id if ours else "", (row_id,))


def _our_click(asked: Asked, parts: ClickIdParts, how: How, scope: Scope) -> Found:
    """A click ID of ours: its click, or age and link when the click is gone; nothing if it is another's."""
    found = replace(asked, kind=Kind.CLICK, id=parts.id)
    if how is not How.SAME and _ADDRESS not in asked.text:
        found = replace(found, likeness=Likeness(how, parts.id))
    if scope.clicks.filter(pk=parts.id).exists():
        return Found(found, parts.id)
    link = _link(parts.link_number, scope)
    if link is None and not scope.caller.manages:
        return Found(asked)
    return Found(replace(found, made_at=parts.time_ms, link=link), parts.id)


def _link(number: int, scope: Scope) -> Link | None:
    row_id = scope.links.filter(number=number).values_list("pk", flat=True).first()
    rows = named.select("some_links", named.array([row_id])) if row_id is not None else []
    return catalog.link(rows[0]) if rows else None


def _by_txid(asked: Asked, scope: Scope) -> Found | None:
    known = ids("trace_conversions_of_txid", asked.text, MOST_CLICKS)
    row = scope.conversions.filter(pk__in=known).order_by("-pk").values_list("pk", "click_id").first()
    reports = tuple(scope.reports.filter(pk__in=_refused(asked)).values_list("pk", flat=True))
    if row is not None:
        return Found(replace(asked, kind=Kind.TXID, id=row[0]), row[1], reports)
    if not reports:
        return None
    click_id = scope.reports.filter(pk=max(reports)).values_list("click_id", flat=True).first() or ""
    ours = find_ours(runtime.vault().click_keys, click_id)
    return Found(replace(asked, kind=Kind.TXID), ours[0].id if ours else "", reports)


def _refused(asked: Asked) -> list[str]:
    return ids("trace_reports_of_txid", asked.text, MOST_CLICKS)


def _by_sub_value(asked: Asked, scope: Scope) -> Found | None:
    if not worth_finding(asked.text):
        return None
    today = day_of(now_ms())
    found_ids = noted((today - DAYS, today + 1), [value_key(asked.text)], LOOKED_UP)
    rows = _carrying(found_ids, asked, scope) or _carrying(_fresh(asked, scope), asked, scope)
    if not rows:
        return None
    converted = set(conversions_of([row[0] for row in rows], scope).values_list("click_id", flat=True))
    exact = [row for row in rows if asked.text in row[1].values()] or rows
    chosen = next((row for row in exact if row[0] in converted), exact[0])
    slot = slot_of(chosen[1], asked.text)
    found = replace(
        asked, kind=Kind.SUB_VALUE, id=chosen[0], slot=slot, spelt=chosen[1][slot], clicks=len(rows)
    )
    return Found(found, chosen[0], others=tuple(row[0] for row in rows if row[0] != chosen[0]))


def _carrying(click_ids: list[str], asked: Asked, scope: Scope) -> list[tuple[str, dict[str, str]]]:
    """Return those of the clicks that are the person's and really carry the value, the latest first."""
    rows = (
        scope.clicks.filter(pk__in=click_ids).order_by("-pk").values_list("pk", "params") if click_ids else ()
    )
    read = ((click_id, orjson.loads(raw) if isinstance(raw, str) else raw) for click_id, raw in rows)
    return [(click_id, params) for click_id, params in read if slot_of(params, asked.text)][:MOST_CLICKS]


def _fresh(asked: Asked, scope: Scope) -> list[str]:
    """Search the latest clicks: what was clicked a moment ago is not noted yet."""
    needle = orjson.dumps(asked.text).decode()[1:-1].lower()
    if scope.caller.affiliate_id is not None:
        affiliate_id = scope.caller.affiliate_id
        return ids("trace_fresh_clicks_of", affiliate_id, "", needle, SCANNED, MOST_CLICKS)
    after = named.select("sub_values_mark")[0]["value"]
    return ids("trace_fresh_clicks", after, needle, SCANNED, MOST_CLICKS)


def _by_report(asked: Asked, scope: Scope) -> Found | None:
    """The text came as a click ID in reports."""
    named_in = ids("trace_reports_of_clicks", named.array([asked.text, asked.text.lower()]), "", MOST_CLICKS)
    kept = tuple(scope.reports.filter(pk__in=named_in).order_by("pk").values_list("pk", flat=True))
    if not kept:
        return None
    like = _by_likeness(asked, scope)
    click_id = like.click_id if like is not None else ""
    likeness = like.asked.likeness if like is not None else None
    return Found(replace(asked, kind=Kind.RECEIVED, id=kept[-1], likeness=likeness), click_id, kept)


def _by_likeness(asked: Asked, scope: Scope) -> Found | None:
    """The text is a piece of one of our click IDs, or one with characters changed."""
    for beginning, how in ((piece(asked.text), How.CUT), (altered(asked.text), How.ALTERED)):
        if not beginning:
            continue
        rows = scope.clicks.filter(pk__gte=beginning, pk__lt=beginning + _AFTER_ALL)
        like = list(rows.order_by("pk").values_list("pk", flat=True)[:2])
        if len(like) == 1:
            found = replace(asked, kind=Kind.CLICK, id=like[0], likeness=Likeness(how, like[0]))
            return Found(found, like[0])
    return None
