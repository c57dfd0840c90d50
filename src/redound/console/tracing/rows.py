"""Rows of the traffic tables → the facts that rules are about."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

from redound.core.conversions import Transition
from redound.core.deliveries import DeliveryState
from redound.core.reports import Verdict
from redound.core.states import Actor, Status
from redound.core.trace import facts
from redound.store.rows import catalog, traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from redound.console.postbacks import models as postbacks
    from redound.console.traffic import models
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion


def click(row: models.Click) -> Click:
    """Read a click."""
    return traffic.click(_columns(row, traffic.CLICK))


def conversion(row: models.Conversion) -> Conversion:
    """Read a conversion."""
    return traffic.conversion(_columns(row, traffic.CONVERSION))


def report(row: models.Report) -> facts.Report:
    """Read a report."""
    return facts.Report(
        row.id, row.received_at, Verdict(row.verdict), row.detail, row.click_id, row.conversion_id, row.txid
    )


def transition(row: models.Transition) -> Transition:
    """Read a transition."""
    return Transition(
        row.id,
        row.conversion_id,
        Status(row.from_status) if row.from_status else None,
        Status(row.to_status),
        row.at,
        row.by,
        row.reason,
        row.report_id,
        Actor(row.actor),
    )


def evaluated(rows: Iterable[models.Transition]) -> Iterator[facts.Evaluated]:
    """Read what was made of every postback for each of the transitions."""
    for row in rows:
        for told in _json(row.evaluations) or ():
            yield facts.Evaluated(
                told["postback_id"],
                told["fired"],
                told["reason"],
                row.conversion_id,
                row.id,
                row.at,
                told.get("detail") or "",
                told.get("delivery_id") or "",
            )


def deliveries(
    rows: Iterable[models.Delivery], attempts: Iterable[models.Attempt]
) -> tuple[facts.Delivery, ...]:
    """Read deliveries, annotated as their list is, with their attempts, both oldest first."""
    made: dict[str, list[facts.Attempt]] = defaultdict(list)
    for each in attempts:
        made[each.delivery_id].append(attempt(each))
    return tuple(_delivery(row, made[row.id]) for row in rows)


def _delivery(row: Any, attempts: Sequence[facts.Attempt]) -> facts.Delivery:
    return facts.Delivery(
        row.id,
        row.postback_id,
        row.conversion_id,
        row.transition_id,
        DeliveryState(row.shown),
        row.created_at,
        row.ended_because,
        row.finished_at,
        row.next_at,
        row.test,
        tuple(attempts),
    )


def attempt(row: models.Attempt) -> facts.Attempt:
    """Read an attempt."""
    request, response = _json(row.request), _json(row.response) or {}
    return facts.Attempt(
        row.id,
        row.number,
        row.started_at,
        row.duration_ms,
        request["method"],
        request["url"],
        request["body"],
        row.status,
        tuple((name, value) for name, value in response.get("headers", ())),
        response.get("body", ""),
        row.error_kind,
        row.error_detail,
    )


def owner(row: postbacks.Postback, health: models.PostbackHealth | None) -> facts.Owner:
    """Read a postback with its health."""
    columns: dict[str, Any] = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    columns["health"] = health.state if health is not None else None
    return facts.Owner(
        catalog.postback(columns),
        row.archived_at is not None,
        health.disabled_at if health is not None else None,
        health.disabled_reason if health is not None else "",
    )


def _columns(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _json(value: Any) -> Any:
    if not isinstance(value, str | bytes):
        return value
    return orjson.loads(value) if value else None


def params_of(rows: Iterable[Any]) -> list[Mapping[str, str]]:
    """Return the parameters of clicks, read or not."""
    return [_json(each) or {} for each in rows]
