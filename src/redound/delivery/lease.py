"""The worker's leases: their tokens, their deadline, and whether there is time left to start a send.

A delivery is leased under a token of this process, `node:generation`. The heartbeat moves the deadline of
every token under which something is held. Tokens change every `TOKEN_LIFE_MS`, so that a row which was
leased without this process knowing of it (an answer that got lost) stops being extended and comes free.

The fence against two attempts at once: a send starts only while the lease lasts longer than the send can
(`safe`). When the heartbeat fails past the deadline everything held is given up (`lost`), and a new
generation begins; the results of sends that were on the wire carry the old token, which the database
compares before it changes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LEASE_MS = 30_000
TOKEN_LIFE_MS = 60_000
MARGIN_MS = 4_000
"""For a hand-off whose commit took long, and for clocks that differ a little between processes."""


class Leases:
    """Tokens of one process. `node` is unique for each start. Times are in ms of the worker's clock."""

    def __init__(self, node: str, attempt_timeout_seconds: float, now_ms: int) -> None:
        self.node = node
        self._needed_ms = int(attempt_timeout_seconds * 1000) + MARGIN_MS
        self.lease_ms = max(LEASE_MS, 2 * self._needed_ms)
        self.heartbeat_ms = self.lease_ms // 4
        self.deadline = now_ms + self.lease_ms
        self._generation = 0
        self._born_at = now_ms
        self._live: frozenset[str] = frozenset()
        self.token = ""
        self._next_token(now_ms)

    def _next_token(self, now_ms: int) -> None:
        self._generation += 1
        self._born_at = now_ms
        self.token = f"{self.node}:{self._generation}"
        self._live |= {self.token}

    def until(self, now_ms: int) -> int:
        """Return the deadline of what is leased now."""
        return now_ms + self.lease_ms

    def owns(self, token: str) -> bool:
        """Say whether this token is still extended: a delivery under another one came too late."""
        return token in self._live

    def safe(self, now_ms: int) -> bool:
        """Say whether a send that starts now ends before the lease does."""
        return self.deadline - now_ms >= self._needed_ms

    def tokens(self, now_ms: int, in_hand: Collection[str]) -> list[str]:
        """Return the tokens to extend, given those under which something is held."""
        if now_ms - self._born_at >= TOKEN_LIFE_MS:
            self._next_token(now_ms)
        elif now_ms - self._born_at >= self.lease_ms:
            # Hand-offs under the token before this one have arrived by now, or never will.
            self._live = (self._live & frozenset(in_hand)) | {self.token}
        return sorted(self._live)

    def extended(self, since_ms: int) -> None:
        """Note that the database took a heartbeat that was made at `since_ms`."""
        self.deadline = since_ms + self.lease_ms

    def is_over(self, now_ms: int) -> bool:
        """Say whether others may have taken over what is held here."""
        return now_ms >= self.deadline

    def lost(self, now_ms: int) -> None:
        """Begin a new generation; nothing under the old tokens is extended any more."""
        self._live = frozenset()
        self._next_token(now_ms)
        self.deadline = now_ms + self.lease_ms
