"""From the rows that the roller reads to what it adds: pure, a function a noun.

Rows are as `sql/statistics.sql` selects them; the first column of each is the number of its note in
`uncounted`, 0 for a row that came in its turn. A row of a note is counted only up to the mark: one beyond it
comes in its turn, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from redound.core.states import Status
from redound.core.statistics import Deltas, Place, Standing, bucket_of, sub_values_of
from redound.store.plans.steps import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redound.core.statistics import Names

    Row = Sequence[Any]

OPEN = "open"


@dataclass(slots=True)
class Counted:
    """What a portion comes to: figures to add, further rows to write, and how many rows were counted."""

    deltas: Deltas = field(default_factory=Deltas)
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion that was not counted before."""

    row_id: str
    place: Place
    standing: Standing


def start(notes: Sequence[Row], rows: int) -> Counted:
    """Return what begins with taking these notes back."""
    dropped = [Batch("drop_uncounted", rows=[(row[0],) for row in notes])] if notes else []
    return Counted(batches=dropped, rows=rows)


def _in_turn(late: Sequence[Row], rows: Sequence[Row], mark: str) -> Iterator[Row]:
    """Yield the rows to count, each once: noted ones up to the mark, then those after it."""
    seen = set()
    for row in late:
        if row[1] is not None and row[1] <= mark and row[1] not in seen:
            seen.add(row[1])
            yield row
    yield from rows


def clicks(late: Sequence[Row], rows: Sequence[Row], mark: str) -> list[tuple[Place, bool]]:
    """Return where each click counts, and whether it is valid; test clicks are left out."""
    return [(_place_of_click(row), bool(row[9])) for row in _in_turn(late, rows, mark) if not row[10]]


def _place_of_click(row: Row) -> Place:
    _, _, created_at, affiliate_id, offer_id, campaign_id, link_id, country, params, *_ = row
    subs = sub_values_of(_mapping(params))
    return Place(bucket_of(created_at), affiliate_id, offer_id, campaign_id, link_id, country, "", subs)


def _mapping(text: str) -> Mapping[str, str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:  # not written by us; a click counts all the same
        return {}
    return found if isinstance(found, dict) else {}


def conversion(row: Row, click: Row | None) -> Conversion:
    """Return a conversion with what its click tells; without a click that is nothing."""
    country = ""
    subs: tuple[str, ...] = ("", "", "", "")
    if click is not None:
        country, subs = click[10], sub_values_of(_mapping(click[11]))
    return Conversion(row[1], _place_of(row, country, subs), _standing_of(row))


def _place_of(row: Row, country: str, subs: tuple[str, ...]) -> Place:
    _, _, created_at, affiliate_id, offer_id, campaign_id, link_id, goal_id, *_ = row
    return Place(bucket_of(created_at), affiliate_id, offer_id, campaign_id, link_id, country, goal_id, subs)


def _standing_of(row: Row) -> Standing:
    return Standing(Status(row[9]), *row[10:14])


def count_conversions(
    counted: Counted, made: Sequence[Conversion], names: Names, changed: Sequence[tuple[Row, Row]]
) -> None:
    """Count conversions that are new, and move those that were counted: pairs of how each is and was."""
    kept = Batch("put_counted_conversion")
    for each in made:
        named = names.names(each.place)
        counted.deltas.conversion(each.place, named, each.standing, 1)
        kept.rows.append(_kept(each.row_id, each.standing, each.place.country, named))
    for row, known in changed:
        now, before = _standing_of(row), Standing(Status(known[1]), *known[2:6])
        if now == before:
            continue
        place, named = _place_of(row, known[6], ()), tuple(known[7:11])
        counted.deltas.conversion(place, named, before, -1)
        counted.deltas.conversion(place, named, now, 1)
        kept.rows.append(_kept(row[1], now, known[6], named))
    counted.batches.append(kept)


def _kept(row_id: str, standing: Standing, country: str, named: Sequence[str | None]) -> tuple[Any, ...]:
    return (
        row_id,
        standing.status.value,
        standing.payout,
        standing.payout_currency,
        standing.revenue,
        standing.revenue_currency,
        country,
        *named,
    )


def count_deliveries(
    counted: Counted,
    late: Sequence[Row],
    rows: Sequence[Row],
    reopened: Sequence[Row],
    waiting: Sequence[Row],
    mark: str,
) -> None:
    """Count deliveries that are new, those that ended since they were counted, and those opened again.

    `waiting` were open when they were counted. An end is counted in the half-hour in which it came, and taken
    back when the delivery is opened again.
    """
    opened, ended = Batch("add_counted_open"), Batch("drop_counted_open")
    fresh = set()
    for _, row_id, *owner, state, created_at, finished_at, test in _in_turn(late, rows, mark):
        fresh.add(row_id)
        if test:
            continue
        counted.rows += 1
        counted.deltas.fired(_owner(owner), created_at)
        _stand(counted, opened, row_id, owner, state, finished_at)
    for row_id, *owner, state, _, finished_at in waiting:
        if state != OPEN:
            counted.rows += 1
            counted.deltas.ended(_owner(owner), state, finished_at)
            ended.rows.append((row_id,))
    for _, row_id, *owner, state, _, finished_at, test, was_state, was_at, not_counted in reopened:
        if row_id is None or test or not_counted is not None or row_id > mark or row_id in fresh:
            continue  # its end was not counted, so there is nothing to take back
        fresh.add(row_id)
        counted.rows += 1
        counted.deltas.ended(_owner(owner), was_state, was_at, -1)
        _stand(counted, opened, row_id, owner, state, finished_at)
    counted.batches += [opened, ended]


def _stand(
    counted: Counted, opened: Batch, row_id: str, owner: Sequence[str], state: str, finished_at: int
) -> None:
    """Count a delivery as it stands: its end, or that it has none yet."""
    if state == OPEN:
        opened.rows.append((row_id,))
    else:
        counted.deltas.ended(_owner(owner), state, finished_at)


def _owner(columns: Sequence[str]) -> tuple[str, str, str]:
    postback_id, affiliate_id, offer_id = columns
    return postback_id, affiliate_id, offer_id


def count_attempts(counted: Counted, late: Sequence[Row], rows: Sequence[Row], mark: str) -> None:
    """Count attempts; those of test deliveries are left out."""
    for _, _, *owner, started_at, duration_ms, outcome, status, error_kind, test in _in_turn(
        late, rows, mark
    ):
        if test or test is None:
            continue
        counted.rows += 1
        counted.deltas.attempt(
            _owner(owner), started_at, duration_ms, outcome=outcome, status=status, error_kind=error_kind
        )
