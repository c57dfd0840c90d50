"""One wide line for a unit of work, on standard error: JSON, or readable on a terminal. Secrets are masked.

On the hot paths a line for each request would cost more than the request. `Ration` lets so many a second
through and counts the rest into the next line that passes.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

MASK = "***"
_SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|cookie|api_?key|credential|signature", re.IGNORECASE
)
_SECRET_VALUES = re.compile(r"rdk_[A-Za-z0-9_-]+|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{8,}")

log: FilteringBoundLogger = structlog.get_logger("redound")


def configure(level: str = "INFO", *, terminal: bool | None = None) -> None:
    """Set logging up for this process, that of the libraries included. `terminal` None: look at stderr."""
    on_terminal = sys.stderr.isatty() if terminal is None else terminal
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if on_terminal
        else structlog.processors.JSONRenderer(serializer=_dumps)
    )
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.INFO))
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    # It warns of every request that is no HTTP: whoever scans the internet would fill the disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


_QUIET = ("uvicorn", "uvicorn.access", "asyncio", "django.server", "django.utils.autoreload")


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what a name or a form gives away as a secret (a structlog processor)."""
    for name, value in event.items():
        if name in {"event", "level", "timestamp"}:
            continue
        if _SECRET_NAMES.search(name):
            event[name] = MASK
        elif isinstance(value, str):
            event[name] = _SECRET_VALUES.sub(MASK, value)
    return event


class Ration:
    """Lets `per_second` lines of one kind through each second, and counts those it held back."""

    __slots__ = ("_left", "_per_second", "_since_ms", "held_back")

    def __init__(self, per_second: int = 20) -> None:
        self._per_second = per_second
        self._left = per_second
        self._since_ms = 0
        self.held_back = 0

    def allows(self, now_ms: int | None = None) -> bool:
        """Whether a line may be written now; `now_ms` when the caller has looked at a clock already."""
        if now_ms is None:
            now_ms = time.time_ns() // 1_000_000
        if not 0 <= now_ms - self._since_ms < 1000:  # noqa: PLR2004 - the number is the rule
            self._since_ms, self._left = now_ms, self._per_second
        if self._left:
            self._left -= 1
            return True
        self.held_back += 1
        return False

    def take_held_back(self) -> int:
        """Return how many lines were held back since the last call."""
        held, self.held_back = self.held_back, 0
        return held


def _dumps(event: Iterable[tuple[str, Any]], **_: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
