"""One look at the youngest rows of a noun, for everybody who watches it.

A look goes back a minute, so most of what it reads is known already: rows are told apart before anything is
made of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import close_old_connections, connection

from redound.console.clock import now_ms
from redound.console.live.rows import MANAGERS, MOST, WINDOW_MS, Noun, Row, Sample
from redound.core.deliveries import DeliveryState, Queue
from redound.core.ids import id_floor
from redound.store.loader import django

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Known = Mapping[str, str]
    """The mark of each row that was seen, by ID."""
    Values = tuple[Any, ...]

OPEN = "open"


def look(noun: Noun, known: Known) -> Sample:
    """Return what is new or changed among the youngest rows. Runs in a thread; what it raises leaves it."""
    close_old_connections()
    try:
        return _READERS[noun](now_ms() - WINDOW_MS, known)
    finally:
        close_old_connections()


def _deliveries(since: int, known: Known) -> Sample:
    young = _select("live_deliveries", id_floor("dlv", since), MOST)
    oldest = young[-1][0] if len(young) == MOST else id_floor("dlv", since)
    tried = _select("live_attempted", id_floor("att", since), MOST, oldest)
    marked = [(f"{_state(row)} {row[9]}", row) for row in (*young, *tried)]
    return _sample(marked, known, _delivery, reach=young)


def _reports(since: int, known: Known) -> Sample:
    rows = _select("live_reports", id_floor("rpt", since), MOST)
    marked = [(f"{row[6]} {row[5]}", row) for row in rows]
    return _sample(marked, known, _report, reach=rows)


def _notifications(since: int, known: Known) -> Sample:
    rows = _select("live_notifications", id_floor("ntf", since), MOST)
    marked = [(_read(row), row) for row in rows]
    return _sample(marked, known, _notification, reach=rows)


_READERS: dict[Noun, Callable[[int, Known], Sample]] = {
    "deliveries": _deliveries,
    "reports": _reports,
    "notifications": _notifications,
}


def _select(query: str, *values: object) -> list[Values]:
    """Return rows as the driver gives them, youngest first."""
    sql, params = django(query, connection.vendor, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, cast("dict[str, Any]", params))
        rows: list[Values] = cursor.fetchall()
        return rows


def _sample(
    marked: list[tuple[str, Values]],
    known: Known,
    make: Callable[[str, Values], Row],
    *,
    reach: list[Values],
) -> Sample:
    fresh = {row[0]: make(mark, row) for mark, row in marked if known.get(row[0]) != mark}
    missed = len(reach) == MOST and reach[-1][0] not in known
    return Sample(tuple(sorted(fresh.values(), key=lambda each: each.id)), missed=missed)


def _delivery(mark: str, row: Values) -> Row:
    delivery_id, affiliate_id, postback_id, offer_id, conversion_id, click_id, test, *_ = row
    return Row(
        id=delivery_id,
        mark=mark,
        audience=affiliate_id,
        fields={
            "affiliate_id": affiliate_id,
            "postback_id": postback_id,
            "offer_id": offer_id,
            "conversion_id": conversion_id,
            "click_id": click_id,
            "test": "true" if test else "false",
            "state": mark.partition(" ")[0],
        },
    )


def _state(row: Values) -> str:
    """Return the state that a list shows. While it is in a worker's hands it is as it was before."""
    state, queue, attempts = row[7:10]
    if state != OPEN:
        return str(state)
    if queue == Queue.PARKED.value:
        return DeliveryState.PARKED.value
    return (DeliveryState.RETRYING if attempts else DeliveryState.PENDING).value


def _report(mark: str, row: Values) -> Row:
    report_id, affiliate_id, advertiser_id, offer_id, click_id, conversion_id, verdict, test = row
    return Row(
        id=report_id,
        mark=mark,
        audience=affiliate_id,
        fields={
            "affiliate_id": affiliate_id,
            "advertiser_id": advertiser_id,
            "offer_id": offer_id,
            "click_id": click_id,
            "conversion_id": conversion_id,
            "verdict": verdict,
            "test": "true" if test else "false",
        },
    )


def _notification(mark: str, row: Values) -> Row:
    notice_id, audience, affiliate_id, postback_id, kind, _ = row
    managers = audience == "manager"
    return Row(
        id=notice_id,
        mark=mark,
        audience=MANAGERS if managers else affiliate_id,
        fields={"affiliate_id": affiliate_id, "postback_id": postback_id, "kind": kind, "state": mark},
        for_managers=managers,
    )


def _read(row: Values) -> str:
    return "unread" if row[5] is None else "read"
