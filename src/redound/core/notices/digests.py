"""When a person is told: at once, every full hour, or once a day at an hour of theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import tzinfo

Digest = Literal["immediately", "hourly", "daily"]
DIGESTS: Final[tuple[Digest, ...]] = ("immediately", "hourly", "daily")
DEFAULT_HOUR: Final = 9


def next_due(digest: str, hour: int, zone: tzinfo, now_ms: int) -> int:
    """Return when (ms) what happens now is told. `hour` (0 to 23) is that of the daily digest in `zone`.

    An hour that a change of the clocks leaves out is told an hour later, one that comes twice the first time.
    """
    if digest == "hourly":
        return (now_ms // 3_600_000 + 1) * 3_600_000
    if digest != "daily":
        return now_ms
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    due = local.replace(hour=hour % 24, minute=0, second=0, microsecond=0, fold=0)
    if due <= local:
        due = (due.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return int(due.astimezone(UTC).timestamp() * 1000)
