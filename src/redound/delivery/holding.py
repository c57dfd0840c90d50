"""What this process has in hand: buffered in lanes, waiting for a sibling, on the wire, or unrecorded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from redound.delivery.sequences import Sequences

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.deliveries import LeasedDelivery
    from redound.delivery.lanes import Lane, Lanes
    from redound.delivery.lease import Leases


class Holding:
    """Keeps lanes, sequences and leases in step. `lane_of` finds the lane of a delivery."""

    def __init__(self, lanes: Lanes, leases: Leases, lane_of: Callable[[LeasedDelivery], Lane]) -> None:
        self.lanes = lanes
        self.leases = leases
        self.sequences = Sequences()
        self._lane_of = lane_of
        self.quiet = asyncio.Event()

    @property
    def count(self) -> int:
        """How many deliveries are in hand."""
        return self.sequences.held

    def take(self, delivery: LeasedDelivery) -> bool:
        """Take a delivery in hand and into its lane; False when it is in hand already."""
        if not self.sequences.hold(delivery):
            return False
        self.lanes.put(self._lane_of(delivery), delivery)
        return True

    def tokens(self) -> set[str]:
        """Return the lease tokens under which something is in hand."""
        return {delivery.lease for delivery in self.sequences.all()}

    def drop(self, delivery: LeasedDelivery, *, delivered: bool = False) -> None:
        """Let go of a delivery that the database has ended, rescheduled or taken back."""
        for other in self.sequences.leave(delivery, delivered=delivered):
            self.lanes.put(self._lane_of(other), other, front=True)
        if not self.sequences.held:
            self.quiet.set()

    def take_out(self) -> list[LeasedDelivery]:
        """Return everything that is not on the wire, out of its lane and still in hand."""
        return [*self.lanes.clear(), *self.sequences.waiting()]

    def lose(self, now_ms: int) -> int:
        """Forget all that is not on the wire, because others may hold it by now; return how much that was."""
        lost = self.take_out()
        self.leases.lost(now_ms)
        for delivery in lost:
            self.sequences.leave(delivery)
        return len(lost)
