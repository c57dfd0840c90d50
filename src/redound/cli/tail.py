"""`redound tail`: the traffic as it happens, a line a thing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation
from redound.cli.output import CommandError, Exit, command, data, data_json, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model

EVERY_SECONDS = 0.5
LATE_MS = 3_000
"""IDs start with the time at which they were made, and may be committed so much later."""
PAGE = 1_000

Row = dict[str, Any]


class Kind(StrEnum):
    """What can be followed."""

    CLICKS = "clicks"
    REPORTS = "reports"
    ATTEMPTS = "attempts"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(
        app,
        "tail",
        "Follow the traffic.",
        "tail",
        "tail --kind reports --kind attempts --since 10m",
        "tail --json --count 100",
    )(tail)


def tail(
    kind: Annotated[
        list[Kind] | None, typer.Option(help="What to follow; repeatable, all without it.")
    ] = None,
    since: Annotated[str, typer.Option(help="Begin so long ago, such as 10m.")] = "",
    count: Annotated[int, typer.Option(help="End after so many lines; 0 goes on until Ctrl C.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow clicks, reports and attempts as they happen, oldest first."""
    back_ms = _milliseconds(since)
    with installation():
        feeds = [_feed(each, back_ms) for each in kind or list(Kind)]
        written = 0
        try:
            for row in _follow(feeds):
                data_json(row) if as_json else data(_line(row))
                written += 1
                if written == count:
                    return
        except KeyboardInterrupt:
            return


@dataclass(slots=True)
class Feed:
    """One kind of rows, from `from_ms` on, each once."""

    kind: Kind
    model: type[Model]
    floor: Callable[[int], str]
    describe: Callable[[Any], Row]
    from_ms: int
    seen: set[str] = field(default_factory=set)

    def take(self, now_ms: int) -> list[Row]:
        """Return what is new. A row may be committed after one with a later ID, so look back a little."""
        floor = self.floor(self.from_ms)
        fresh = [row for row in self._from(floor) if row.pk not in self.seen]
        self.from_ms = max(self.from_ms, now_ms - LATE_MS)
        floor = self.floor(self.from_ms)
        self.seen = {pk for pk in (*self.seen, *(row.pk for row in fresh)) if pk >= floor}
        return [{"kind": self.kind.value, **self.describe(row)} for row in fresh]

    def _from(self, key: str) -> Iterator[Any]:
        rows = self.model._default_manager.order_by("pk")
        page = list(rows.filter(pk__gte=key)[:PAGE])
        while page:
            yield from page
            page = list(rows.filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []


def _follow(feeds: list[Feed]) -> Iterator[Row]:
    while True:
        now_ms = time.time_ns() // 1_000_000
        yield from sorted(
            (row for feed in feeds for row in feed.take(now_ms)), key=lambda row: str(row["at"])
        )
        time.sleep(EVERY_SECONDS)  # a poll: nobody tells a command beside the server of new rows


def _feed(kind: Kind, back_ms: int) -> Feed:
    from functools import partial

    from redound.console.traffic.models import Attempt, Click, Report
    from redound.core.ids import click_floor, id_floor

    from_ms = time.time_ns() // 1_000_000 - back_ms
    match kind:
        case Kind.CLICKS:
            return Feed(kind, Click, click_floor, _click, from_ms)
        case Kind.REPORTS:
            return Feed(kind, Report, partial(id_floor, "rpt"), _report, from_ms)
        case Kind.ATTEMPTS:
            return Feed(kind, Attempt, partial(id_floor, "att"), _attempt, from_ms)


def _click(row: Any) -> Row:
    return {
        "at": _moment(row.created_at),
        "click_id": row.id,
        "affiliate_id": row.affiliate_id,
        "offer_id": row.offer_id,
        "valid": row.valid,
        "reason": row.invalid_reason,
    }


def _report(row: Any) -> Row:
    return {
        "at": _moment(row.received_at),
        "report_id": row.id,
        "verdict": row.verdict,
        "click_id": row.click_id,
        "conversion_id": row.conversion_id,
        "detail": row.detail,
    }


def _attempt(row: Any) -> Row:
    return {
        "at": _moment(row.started_at),
        "delivery_id": row.delivery_id,
        "postback_id": row.postback_id,
        "number": row.number,
        "outcome": row.outcome,
        "status": row.status,
        "error": row.error_kind,
        "duration_ms": row.duration_ms,
    }


def _line(row: Row) -> str:
    separator = "  " if terminal() else "\t"
    return separator.join("-" if value in {None, ""} else str(value) for value in row.values())


def _moment(ms: int) -> str:
    from redound.console.render import moment_ms

    return moment_ms(ms)


def _milliseconds(since: str) -> int:
    if not since:
        return 0
    from redound.settings import parse_duration

    try:
        return int(parse_duration(since) * 1000)
    except ValueError as error:
        raise CommandError(f"--since: {error}", code=Exit.USAGE) from error
