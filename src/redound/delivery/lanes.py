"""Fair lines in memory: one lane per postback and queue, served in turn, each with a bounded buffer.

Everything here is constant time per delivery. A lane that may not send now (its postback or host has no
slot) leaves the ring and waits at what blocks it; giving a slot back puts it into the ring again.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from redound.core.deliveries import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.deliveries import LeasedDelivery
    from redound.delivery.limits import Limits, Slots

RETRY_TURN = 4
"""Every fourth turn begins with retries: fresh traffic goes first, retries are sure of a share."""

FIRST_QUOTA = 32
MIN_QUOTA = 4
MAX_QUOTA = 1024

_Waiting = tuple[deque["Lane"], deque["Lane"]]


class Lane:
    """Deliveries of one postback in one queue, in memory and leased, oldest first.

    `quota` is how many may be buffered; it doubles when the lane runs dry with `more` in the database, and
    is halved when they move slowly. `queued` says that the lane is in a ring or waits at some slots.
    """

    __slots__ = ("dry", "host", "items", "more", "postback", "queue", "queued", "quota", "taken")

    def __init__(self, queue: Queue, postback: Slots, host: Slots) -> None:
        self.queue = queue
        self.postback = postback
        self.host = host
        self.items: deque[LeasedDelivery] = deque()
        self.quota = FIRST_QUOTA
        self.taken = 0
        self.more = False
        self.dry = False
        self.queued = False

    @property
    def hungry(self) -> bool:
        """Half of the quota or more is free, and the database has more."""
        return self.more and len(self.items) * 2 <= self.quota


class Lanes:
    """All lanes of a worker. `take` and the slots of `limits` decide together what goes next."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lanes: tuple[dict[str, Lane], dict[str, Lane]] = ({}, {})
        self._rings: tuple[deque[Lane], deque[Lane]] = (deque(), deque())
        self._waiting: dict[Slots, _Waiting] = {}
        self._turn = 0
        self.buffered = 0

    def __iter__(self) -> Iterator[Lane]:
        """All lanes, fresh before retries."""
        yield from self._lanes[0].values()
        yield from self._lanes[1].values()

    def find(self, queue: Queue, postback_id: str) -> Lane | None:
        """Return the lane if it was ever used."""
        return self._lanes[queue is Queue.RETRY].get(postback_id)

    def lane(self, queue: Queue, postback_id: str, host: str) -> Lane:
        """Return the lane, with `host` as the one that it sends to from now on."""
        lanes = self._lanes[queue is Queue.RETRY]
        lane = lanes.get(postback_id)
        if lane is None:
            slots = self._limits.postback(postback_id)
            lane = lanes[postback_id] = Lane(queue, slots, self._limits.host(host))
        elif lane.host.name != host:
            lane.host = self._limits.host(host)
        return lane

    def put(self, lane: Lane, delivery: LeasedDelivery, *, front: bool = False) -> None:
        """Queue one delivery."""
        if front:
            lane.items.appendleft(delivery)
        else:
            lane.items.append(delivery)
        self.buffered += 1
        if not lane.queued:
            lane.queued = True
            self._rings[lane.queue is Queue.RETRY].append(lane)

    @property
    def ready(self) -> bool:
        """Say whether some lane may be able to send."""
        return bool(self._rings[0] or self._rings[1])

    def take(self) -> tuple[Lane, LeasedDelivery] | None:
        """Return what may be sent next, None when nothing may.

        The caller takes the slots, or sees to the delivery otherwise, and then calls `resume` for the lane.
        """
        if not (self._rings[0] or self._rings[1]) or self._limits.room <= 0:
            return None
        self._turn += 1
        fresh_first = self._turn % RETRY_TURN != 0
        return self._take_from(self._rings[not fresh_first]) or self._take_from(self._rings[fresh_first])

    def _take_from(self, ring: deque[Lane]) -> tuple[Lane, LeasedDelivery] | None:
        has_room = self._limits.has_room
        while ring:
            lane = ring.popleft()
            items = lane.items
            if not items:
                lane.queued = False
                self._pass_on(lane.host)
            elif not has_room(lane.postback):
                self._wait(lane, lane.postback)
                self._pass_on(lane.host)
            elif not has_room(lane.host):
                self._wait(lane, lane.host)
            else:
                delivery = items.popleft()
                self.buffered -= 1
                lane.taken += 1
                return lane, delivery
        return None

    def resume(self, lane: Lane) -> None:
        """Let a lane that was taken from line up again, or wait at what has no slot for it now."""
        if not lane.items:
            lane.queued = False
            lane.dry = lane.more
        elif not self._limits.has_room(lane.postback):
            self._wait(lane, lane.postback)
        elif not self._limits.has_room(lane.host):
            self._wait(lane, lane.host)
        else:
            self._rings[lane.queue is Queue.RETRY].append(lane)

    def _wait(self, lane: Lane, at: Slots) -> None:
        waiting = self._waiting.get(at)
        if waiting is None:
            waiting = self._waiting[at] = (deque(), deque())
        waiting[lane.queue is Queue.RETRY].append(lane)

    def freed(self, postback: Slots, host: Slots) -> None:
        """Let those that wait for these slots try again: both lanes of the postback, one of the host."""
        if not self._waiting:
            return
        waiting = self._waiting.pop(postback, None)
        if waiting is not None:
            self._rings[0].extend(waiting[0])
            self._rings[1].extend(waiting[1])
        self._pass_on(host)

    def _pass_on(self, host: Slots) -> None:
        """Put as many lanes that wait for the host into the rings as it has slots for, at least one.

        A lane that was let through but cannot use the slot hands it on, or the wake-up would be lost.
        """
        waiting = self._waiting.get(host)
        if waiting is None:
            return
        fresh, retries = waiting
        for _ in range(max(1, host.cap - host.held)):
            self._turn += 1
            line = (retries or fresh) if self._turn % RETRY_TURN == 0 else (fresh or retries)
            if not line:
                break
            lane = line.popleft()
            self._rings[lane.queue is Queue.RETRY].append(lane)
        if not fresh and not retries:
            del self._waiting[host]

    def clear(self) -> list[LeasedDelivery]:
        """Take everything out, for a stop or after the leases were lost."""
        out: list[LeasedDelivery] = []
        for lane in self:
            out.extend(lane.items)
            lane.items.clear()
            lane.more = False
        self.buffered = 0
        return out
