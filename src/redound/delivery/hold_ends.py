"""Ending holds that ran out: a side task of a process that delivers.

Every such process looks; compare-and-set in the database lets one of them end each hold, and its transition
and deliveries are stored in the same transaction. It works in small batches and rests between them, so that
clicks, reports and deliveries go before.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from redound.core.conversions import Accepted
from redound.core.decisions import end_hold
from redound.delivery.rounds import every
from redound.logs import log
from redound.store.plans.holds import change_batches
from redound.store.plans.steps import LostRaceError
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.decisions import Change, Mint
    from redound.store.holds import DueHold, Holds
    from redound.store.snapshot import Snapshot

LOOK_SECONDS = 1.0
"""How soon the end of a hold is seen."""
AT_ONCE = 100
"""How many holds a transaction ends."""
REST = 0.5
"""How long to rest after a batch, in proportion to what it took."""


class EndingHolds:
    """Ends holds. `mint` makes IDs, `fired` is called when deliveries were stored.

    `snapshot` is kept fresh by whoever owns it.
    """

    def __init__(
        self,
        holds: Holds,
        snapshot: Snapshot,
        *,
        clock: Callable[[], int],
        mint: Mint,
        fired: Callable[[], None],
        rest: float = REST,
    ) -> None:
        self._holds = holds
        self._snapshot = snapshot
        self._clock = clock
        self._mint = mint
        self._fired = fired
        self._rest = rest

    async def run(self) -> None:
        """Look once a second until cancelled."""
        await every(LOOK_SECONDS, self.round, held_up="holds.not_ended", failed="holds.failed")

    async def round(self) -> int:
        """End every hold that has run out; return how many this process ended.

        While our configuration is older than the database's nothing is done: the goal might say otherwise by
        now.
        """
        ended = 0
        while found := await self._holds.due(self._clock(), AT_ONCE):
            if self._snapshot.version < await self._holds.configuration_version():
                break
            began = time.monotonic()
            done, stuck = await self._end(found)
            ended += done
            if stuck:
                break
            await asyncio.sleep((time.monotonic() - began) * self._rest)
        return ended

    async def _end(self, found: Sequence[DueHold]) -> tuple[int, bool]:
        """End a batch; return how many it was, and whether one stands in the way of the rest."""
        try:
            return await self._together(found), False
        except LostRaceError:
            # Another process or a report was faster with one of them: what it left is read again.
            return 0, False
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.info("holds.one_by_one", holds=len(found), error=str(error))
        done, stuck = 0, False
        for each in found:
            try:
                done += await self._together([each])
            except LostRaceError:
                continue
            except StoreUnavailableError:
                raise
            except Exception:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
                log.exception("hold.not_ended", conversion_id=each.conversion.id)
                stuck = True
        return done, stuck

    async def _together(self, found: Sequence[DueHold]) -> int:
        now_ms = self._clock()
        changes = await asyncio.to_thread(self._decide, found, now_ms)
        await self._holds.store(change_batches(changes))
        if any(change.deliveries for change in changes):
            self._fired()
        return sum(_tell(change) for change in changes)

    def _decide(self, found: Sequence[DueHold], now_ms: int) -> list[Change]:
        return [
            end_hold(each.conversion, each.click, each.facts, now_ms, self._snapshot, self._mint)
            for each in found
        ]


def _tell(change: Change) -> bool:
    """Write the line of a hold that ended; say whether it did."""
    outcome = change.outcome
    if not isinstance(outcome, Accepted) or outcome.transition is None:
        return False
    log.info(
        "hold.ended",
        conversion_id=outcome.conversion.id,
        transition_id=outcome.transition.id,
        status=outcome.conversion.status.value,
        deliveries=len(change.deliveries),
    )
    return True
