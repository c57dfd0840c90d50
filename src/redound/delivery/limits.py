"""How many sends may be on the wire at once: in all, to one host, and for one postback.

A cap adapts to its receiver. It starts small, grows by one with every prompt answer up to its setting, and is
halved by every timeout or broken connection, down to one. A receiver that hangs therefore costs a full set
of slots once, and one slot from then on.

A send that has been on the wire for `SLOW_AFTER_MS` no longer counts against the budget `in_flight` but
against a second one of the same size. So the slots of receivers that hang are replaced within half a second,
and healthy receivers never wait for somebody else's timeout. While more than half of the second budget is
taken (`crowded`), hosts that have slow sends get no further slot.
"""

from __future__ import annotations

from collections import deque

from redound.core.deliveries import ErrorKind

SLOW_AFTER_MS = 500
FIRST_CAP = 16
_UNREACHED = frozenset(
    {
        ErrorKind.TIMEOUT,
        ErrorKind.CONNECT,
        ErrorKind.TLS,
        ErrorKind.RESET,
        ErrorKind.DNS_FAILED,
        ErrorKind.DNS_NOT_FOUND,
    }
)


class Slots:
    """The slots of one host or one postback: `held` of them are taken, `cap` is what it may take now.

    `slow` counts the held ones that have been on the wire for long.
    """

    __slots__ = ("cap", "held", "limit", "name", "slow")

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        self.cap = min(FIRST_CAP, limit)
        self.held = 0
        self.slow = 0

    def learn(self, error_kind: ErrorKind) -> None:
        """Grow after an answer, shrink when there was none. A refusal by our own guard says nothing."""
        if error_kind is ErrorKind.NONE:
            if self.cap < self.limit:
                self.cap += 1
        elif error_kind in _UNREACHED:
            self.cap = max(1, self.cap // 2)


class Flight:
    """The slots that one send on the wire holds. `started_at` is in ms of a clock that never jumps."""

    __slots__ = ("done", "host", "postback", "slow", "started_at")

    def __init__(self, postback: Slots, host: Slots, started_at: float) -> None:
        self.postback = postback
        self.host = host
        self.started_at = started_at
        self.done = False
        self.slow = False

    def learn(self, error_kind: ErrorKind) -> None:
        """Let both caps learn from the result."""
        self.postback.learn(error_kind)
        self.host.learn(error_kind)


class Limits:
    """The budgets of one worker. Not thread-safe: it belongs to the worker's loop."""

    def __init__(self, in_flight: int, host_concurrency: int, postback_concurrency: int) -> None:
        self.budget = in_flight
        self._host_limit = host_concurrency
        self._postback_limit = postback_concurrency
        self._hosts: dict[str, Slots] = {}
        self._postbacks: dict[str, Slots] = {}
        self._young: deque[Flight] = deque()
        self._prompt = 0
        self._slow = 0

    def host(self, name: str) -> Slots:
        """Return the slots of a host (and port), made on first sight."""
        slots = self._hosts.get(name)
        if slots is None:
            slots = self._hosts[name] = Slots(name, self._host_limit)
        return slots

    def postback(self, postback_id: str) -> Slots:
        """Return the slots of a postback, made on first sight."""
        slots = self._postbacks.get(postback_id)
        if slots is None:
            slots = self._postbacks[postback_id] = Slots(postback_id, self._postback_limit)
        return slots

    @property
    def in_flight(self) -> int:
        """Sends on the wire."""
        return self._prompt + self._slow

    @property
    def slow(self) -> int:
        """Those of them that have been there for long."""
        return self._slow

    @property
    def room(self) -> int:
        """How many more sends may start; slow ones beyond their own budget eat into the first."""
        room = self.budget - self._prompt
        return room if self._slow <= self.budget else room - (self._slow - self.budget)

    def has_room(self, slots: Slots) -> bool:
        """Say whether this host or postback may take one more slot."""
        return slots.held < slots.cap and not (slots.slow and self._slow * 2 > self.budget)

    def enter(self, flight: Flight) -> None:
        """Take the slots of a send that starts."""
        flight.host.held += 1
        flight.postback.held += 1
        self._prompt += 1
        young = self._young
        while young and young[0].done:
            young.popleft()
        young.append(flight)

    def leave(self, flight: Flight) -> None:
        """Give the slots back."""
        flight.done = True
        flight.host.held -= 1
        flight.postback.held -= 1
        if flight.slow:
            flight.host.slow -= 1
            flight.postback.slow -= 1
            self._slow -= 1
        else:
            self._prompt -= 1

    def sweep(self, now: float) -> int:
        """Move sends that started `SLOW_AFTER_MS` ago to the second budget; return how many that were."""
        young = self._young
        moved = 0
        while young and (young[0].done or now - young[0].started_at >= SLOW_AFTER_MS):
            flight = young.popleft()
            if flight.done:
                continue
            flight.slow = True
            flight.host.slow += 1
            flight.postback.slow += 1
            self._prompt -= 1
            self._slow += 1
            moved += 1
        return moved
