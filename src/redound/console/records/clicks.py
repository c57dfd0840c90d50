"""Clicks; an affiliate reads their own."""

from collections.abc import Sequence

from django.db.models import QuerySet

from redound.console.accounts.callers import Caller
from redound.console.columns import read_json
from redound.console.filters import Filters, Text
from redound.console.forms import Instant, Shape
from redound.console.records.record import Record, by_id_time
from redound.console.render import Values, moment_ms
from redound.console.traffic.models import Click
from redound.core.ids import CLICK
from redound.core.macros import SUBS

_SUBS = frozenset(SUBS)


class ClickShape(Shape):
    """A click. `subs` are sub1 to sub20, `params` every other parameter of the link as given."""

    id: str
    click_id: str
    link_id: str
    affiliate_id: str
    campaign_id: str
    offer_id: str
    brand_id: str
    valid: bool
    invalid_reason: str | None
    test: bool
    subs: dict[str, str]
    params: dict[str, str]
    ip: str
    country: str | None
    user_agent: str
    referrer: str
    created_at: Instant
    updated_at: Instant


def visible(caller: Caller) -> QuerySet[Click]:
    """Managers': all; an affiliate's: their own."""
    return Click.objects.all() if caller.manages else Click.objects.filter(affiliate_id=caller.affiliate_id)


def shapes(rows: Sequence[Click], caller: Caller) -> list[Values]:
    """Return the ClickShape's values of a page."""
    del caller
    return [_shape(row) for row in rows]


def _shape(row: Click) -> Values:
    params: dict[str, str] = read_json(row.params) or {}
    at = moment_ms(row.created_at)
    return {
        "id": row.id,
        "click_id": row.id,
        "link_id": row.link_id,
        "affiliate_id": row.affiliate_id,
        "campaign_id": row.campaign_id,
        "offer_id": row.offer_id,
        "brand_id": row.brand_id,
        "valid": row.valid,
        "invalid_reason": row.invalid_reason or None,
        "test": row.test,
        "subs": {name: value for name, value in params.items() if name in _SUBS},
        "params": {name: value for name, value in params.items() if name not in _SUBS},
        "ip": row.ip,
        "country": row.country or None,
        "user_agent": row.user_agent,
        "referrer": row.referrer,
        "created_at": at,
        "updated_at": at,
    }


def _by_click_id(rows: QuerySet[Click], click_id: str) -> QuerySet[Click]:
    return rows.filter(pk=click_id.lower())


clicks: Record[Click] = Record(
    visible, shapes, {**by_id_time(CLICK), "q": _by_click_id, "click_id": _by_click_id}
)


class ClickFilters(Filters):
    """Filters of clicks."""

    click_id: Text | None = None
    link_id: Text | None = None
    affiliate_id: Text | None = None
    campaign_id: Text | None = None
    offer_id: Text | None = None
    brand_id: Text | None = None
    valid: bool | None = None
    test: bool | None = None
    country: Text | None = None
    ip: Text | None = None
