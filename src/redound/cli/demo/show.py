"""How the demo shows what happens: a live table on a terminal, else a line a callback."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from redound.cli.demo.kinds import kind_of
from redound.cli.output import data, rich_console

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from redound.cli.demo.tracker import Callback

ROWS = 16
COLUMNS = ("Time", "What", "Method", "Path", "Tracker's click ID", "Status", "Payout", "Answered")
WIDTHS = (8, 16, 4, 7, 6, 8, 6, 11)
"""What of each column is shown on a narrow terminal."""


def words(callback: Callback) -> tuple[str, ...]:
    """Return one callback as cells, as many as COLUMNS."""
    return (
        time.strftime("%H:%M:%S", time.localtime(callback.at)),
        kind_of(callback),
        callback.method,
        callback.path,
        callback.field("subid"),
        callback.field("status", "cid").lower()[:24],
        callback.field("payout"),
        f"{callback.status} {'matched' if callback.good else 'refused'}",
    )


class Screen(Protocol):
    """Where callbacks are shown."""

    def add(self, callback: Callback, counts: str) -> None:
        """Show one more; `counts` says how things stand after it."""


@dataclass(slots=True)
class Lines:
    """A line of tab-separated cells for each callback."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def add(self, callback: Callback, counts: str) -> None:  # noqa: ARG002 - the same call as for the live table
        """Print it."""
        data("\t".join(words(callback)))


@dataclass(slots=True)
class Silence:
    """Nothing: what came is told at the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def add(self, callback: Callback, counts: str) -> None:
        """Leave it."""


@dataclass(slots=True)
class Table:
    """The last callbacks, drawn in place."""

    rows: deque[tuple[str, ...]] = field(default_factory=lambda: deque(maxlen=ROWS))
    live: Live | None = None

    def __enter__(self) -> Self:
        from rich.live import Live

        self.live = Live(
            self._draw("waiting for the first callback"), console=rich_console(), auto_refresh=False
        )
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live is not None:
            self.live.stop()

    def add(self, callback: Callback, counts: str) -> None:
        """Put it on top."""
        self.rows.appendleft(words(callback))
        if self.live is not None:
            self.live.update(self._draw(counts), refresh=True)

    def _draw(self, counts: str) -> RenderableType:
        from rich.console import Group
        from rich.table import Table as Drawing
        from rich.text import Text

        drawing = Drawing(box=None, pad_edge=False)
        for name, width in zip(COLUMNS, WIDTHS, strict=True):
            drawing.add_column(name, no_wrap=True, min_width=width)
        for row in self.rows:
            drawing.add_row(*map(Text, row))
        return Group(Text(counts), drawing)
