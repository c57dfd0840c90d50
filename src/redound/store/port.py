"""The few verbs that the planes need of a database. Every driver passes the same conformance suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Facts, Incoming
    from redound.core.decisions import Decision
    from redound.core.deliveries import (
        Health,
        HealthStep,
        LeasedDelivery,
        NewDelivery,
        Queue,
        Recorded,
    )
    from redound.store.snapshot import Snapshot


SNAPSHOT_LAG_MS = 500
"""How long a worker's snapshot may be behind: what it could not send by it is offered again then."""
PARKED_FOR_MS = 30 * 24 * 3600 * 1000
"""How long deliveries of a disabled postback wait to be resumed."""

CANCEL_AT_ONCE = 5_000
"""How many deliveries that were parked too long one round of chores cancels."""

KEEP_CHANGES = 10_000
"""How many configuration changes are kept; a plane that lags further behind loads everything."""

FORGET_WORKERS_MS = 3_600_000
"""When a process that is not seen any more is forgotten."""

RECENT_CLICKS = 2_000
"""How many of the latest clicks are searched for a value that stands where a click ID should."""


class StoreUnavailableError(Exception):
    """The database cannot take this now; nothing of it was stored. The caller may try again.

    One case cannot be told apart: the connection broke after COMMIT was sent. A repeat is harmless then,
    because rows carry their IDs and a report said twice is a duplicate.
    """


class StoreRefusedError(Exception):
    """This database must not be used as it is: not migrated, of another version, or in another's hands."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Deliveries of one postback in one queue, of which the first is due at `at` (ms)."""

    queue: Queue
    postback_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many deliveries of a lane a worker has room for."""

    queue: Queue
    postback_id: str
    limit: int


@dataclass(frozen=True, slots=True)
class Handoff:
    """How fresh deliveries are leased as they are inserted: `room` of them at most, until `until` (ms)."""

    lease: str
    until: int
    room: int


class Store(Protocol):
    """A database. Methods are safe to call concurrently from one event loop.

    All raise StoreUnavailableError when the database cannot serve; then nothing of the call was stored.
    """

    async def open(self) -> None:
        """Connect, refuse a database that is not migrated, start threads or pools."""

    async def close(self) -> None:
        """Finish what was taken, then let go."""

    async def ping(self) -> None:
        """Return when a trivial transaction went through."""

    # Configuration

    async def load_snapshot(self) -> Snapshot:
        """Return the whole configuration at its current version."""

    async def refresh_snapshot(self, snapshot: Snapshot) -> bool:
        """Apply the changes since `snapshot.version` to it, by changed row; say whether there were any."""

    # Traffic in

    async def add_clicks(self, clicks: Sequence[Click], deliveries: Sequence[NewDelivery] = ()) -> None:
        """Store clicks and the deliveries of click postbacks; durable on return.

        A known ID is left alone, so a spill file may be replayed twice.
        """

    async def find_clicks(self, ids: Collection[str]) -> dict[str, Click]:
        """Return the stored clicks among `ids`."""

    async def apply_reports(
        self,
        incoming: Sequence[Incoming],
        decide: Callable[[Incoming, Facts], Decision],
        handoff: Callable[[], Handoff | None],
    ) -> tuple[list[Decision], list[LeasedDelivery]]:
        """Load facts, decide, store all of it; return decisions in order and what was leased to the caller.

        One transaction a batch, in arrival order, each report seeing those before it. `decide` is pure, may
        be called again for a report that lost a race, and may be called on another thread. `handoff` is asked
        once, on the caller's thread, before anything is stored. A report whose deciding or storing fails
        falls out alone with the verdict internal_error, which is itself stored.
        """

    # Deliveries out

    async def lanes(self, now_ms: int, limit: int) -> list[Lane]:
        """Return the lanes of the queues FRESH and RETRY in which something is due.

        Those that have waited longest come first, and of each queue `limit` at most, so that neither hides
        the other.
        """

    async def next_due_at(self) -> int | None:
        """Return when the next unparked delivery falls due (ms), None when nothing waits."""

    async def claim(
        self, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
    ) -> list[LeasedDelivery]:
        """Lease due deliveries of the wanted lanes, oldest first; never one that a lease still holds."""

    async def claim_older(
        self, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
    ) -> tuple[list[LeasedDelivery], bool]:
        """Lease the unfinished older deliveries of the same postback and conversion, due or not.

        Return them oldest first, and whether another lease holds one at this moment. Parked ones stay.
        """

    async def extend(self, leases: Collection[str], until: int) -> int:
        """Move the deadline of all that these leases hold (heartbeat); return how many rows that were."""

    async def free_leases(self, node: str) -> int:
        """Free all that is leased under tokens of other nodes; return how many deliveries that were.

        For a data plane that is alone (SQLite) at its start: whoever else held something is dead.
        """

    async def release(self, deliveries: Sequence[LeasedDelivery], at: int) -> None:
        """Give back what was not tried: claimable again at `at` (ms); a lost lease is left alone."""

    async def park(self, deliveries: Sequence[LeasedDelivery]) -> None:
        """Give back deliveries of a disabled postback into the queue PARKED; a lost lease is left alone."""

    async def cancel(self, deliveries: Sequence[LeasedDelivery], reason: str) -> None:
        """End leased deliveries without an attempt; a lost lease is left alone."""

    async def record(
        self, records: Sequence[Recorded], judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    ) -> list[Health]:
        """Append attempts, end or reschedule their deliveries, update their postbacks' health.

        One transaction. `judge` gets each postback's health with its records (tests left out) and decides; it
        is pure, may be called again, and may be called on another thread. A record whose lease was lost keeps
        its attempt but changes neither delivery nor health. A delivered `ordered` delivery cancels older
        unfinished ones of its postback and conversion (superseded). Disable parks what is open and leased
        to nobody, and writes one notification for the manager and one for the affiliate, once; from then on a
        retry of that postback parks. Return the healths of postbacks that this call disabled.
        """

    # Upkeep

    async def mark_key(self, fingerprints: Sequence[str]) -> str:
        """Mark the database with the key in force, and return the mark it bears then.

        `fingerprints` are those of the secret keys, the one in force first. A mark that is none of them is
        another installation's, and stays.
        """

    async def heartbeat(self, node: str, role: str, now_ms: int) -> None:
        """Say that this process lives."""

    async def live_nodes(self, role: str, since_ms: int) -> list[str]:
        """Return the nodes of a role seen since then."""

    async def forget_node(self, node: str) -> None:
        """Take this process off the list."""

    async def chores(self, now_ms: int) -> dict[str, int]:
        """Do periodic upkeep; return what was done, by name.

        Partitions ahead, parked deliveries past 30 days cancelled, old configuration changes pruned.
        """

    async def index_sub_values(self, now_ms: int) -> int:
        """Note the values of the next clicks that are not noted yet; return how many clicks that were.

        For looking clicks up by a sub value. At most `INDEX_AT_ONCE` a call, oldest first; the youngest wait
        (`INDEX_LATE_MS`). Of several processes one does it, the others return 0.
        """

    async def backlog(self) -> dict[str, int]:
        """Return counts of unfinished deliveries by queue name, and `oldest_due_at`, for probes and metrics.

        `oldest_due_at` is in ms, 0 when nothing waits; a leased delivery counts by its deadline.
        """
