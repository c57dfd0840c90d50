"""The rhythm of side tasks: a round, a pause, the next round, whatever became of the last one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def every(
    seconds: float, work: Callable[[], Awaitable[object]], *, held_up: str, failed: str
) -> NoReturn:
    """Do rounds of work until cancelled, `seconds` apart.

    A round that meets an unreachable database is logged as `held_up`, any other failure as `failed` with its
    trace; the next round tries again.
    """
    while True:
        try:
            await work()
        except StoreUnavailableError as error:
            log.warning(held_up, error=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.exception(failed)
        await asyncio.sleep(seconds)
