"""The side tasks of a process that delivers: what they are made of, and that they run beside its traffic.

Players are evaluated, holds end, old traffic is forgotten, statistics are rolled up, incidents are watched
for, and people told. Any number of processes have them; each task sees to it that its work is done once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.delivery.channels import Channels
from redound.delivery.hold_ends import EndingHolds
from redound.delivery.noticing import Noticing
from redound.delivery.qualifying import Qualifying
from redound.delivery.retention import Forgetting, KeptDays
from redound.delivery.rolling import Rolling
from redound.delivery.sender import Sender
from redound.delivery.services import MailServer, Services
from redound.delivery.tidying import Tidying
from redound.delivery.watching import Watching
from redound.delivery.worker import wall_clock
from redound.edge.minting import mint
from redound.store.holds import Holds
from redound.store.leftovers import Leftovers
from redound.store.notices import Notices
from redound.store.players import Players
from redound.store.retention import Retention
from redound.store.statistics import Snapshots, Statistics
from redound.store.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping
    from contextlib import AsyncExitStack

    from redound.settings import Settings
    from redound.store.players import Statements
    from redound.store.snapshot import Snapshot
    from redound.vault import Vault

    Running = tuple[str, Coroutine[None, None, None]]

NOTICE_CONNECTIONS: Final = 16


class Chores:
    """The side tasks of one process. `snapshot` is kept up to date; `fired` wakes the worker."""

    def __init__(
        self,
        statements: Statements,
        snapshot: Snapshot,
        settings: Settings,
        node: str,
        fired: Callable[[], None],
    ) -> None:
        self._statements = statements
        self._snapshot = snapshot
        self._settings = settings
        self._node = node
        self._fired = fired
        self._watching = self._watch()

    def all(self, stack: AsyncExitStack, vault: Vault) -> Iterator[Running]:
        """Yield each task with its name, to run until the process stops; `stack` closes what they open."""
        yield "players", self._qualifying().run()
        yield "holds", self._holds().run()
        yield "retention", self._forgetting().run()
        if isinstance(self._statements, Snapshots):
            rolling = Rolling(Statistics(self._statements), node=self._node, clock=wall_clock)
            yield "statistics", rolling.run()
        yield "incidents", self._watching.run()
        yield "notices", self._noticing(stack, vault).run()

    def incidents(self) -> Mapping[str, float]:
        """Return how many incidents are open, by kind."""
        return self._watching.stats()

    def _holds(self) -> EndingHolds:
        holds = Holds(self._statements)
        return EndingHolds(holds, self._snapshot, clock=wall_clock, mint=mint, fired=self._fired)

    def _qualifying(self) -> Qualifying:
        return Qualifying(
            Players(self._statements),
            self._snapshot,
            node=self._node,
            interval_seconds=self._settings.evaluation_seconds,
            clock=wall_clock,
            mint=mint,
            fired=self._fired,
        )

    def _watch(self) -> Watching:
        return Watching(
            Watch(self._statements),
            self._snapshot,
            node=self._node,
            interval_seconds=self._settings.watch_seconds,
            clock=wall_clock,
            mint=mint,
        )

    def _noticing(self, stack: AsyncExitStack, vault: Vault) -> Noticing:
        """Return what tells people; their webhooks have a sender apart, so they slow nothing down."""
        settings = self._settings
        sender = Sender(allow_networks=settings.allow_networks, idle_connections=NOTICE_CONNECTIONS)
        stack.push_async_callback(sender.close)
        mail = MailServer(settings.smtp, settings.mail_from) if settings.smtp is not None else None
        channels = Channels(sender, Services(mail), vault.unseal)
        stack.callback(channels.close)
        notices = Notices(self._statements)
        return Noticing(notices, channels, base_url=settings.base_url, node=self._node, clock=wall_clock)

    def _forgetting(self) -> Forgetting:
        settings = self._settings
        kept = KeptDays(
            clicks=settings.keep_clicks_days,
            reports=settings.keep_reports_days,
            attempts=settings.keep_attempts_days,
            deliveries=settings.keep_deliveries_days,
            ips=settings.keep_ips_days,
        )
        tidying = Tidying(
            Leftovers(self._statements),
            settings.data_dir / "imports",
            import_days=settings.keep_imports_days,
            cap_days=settings.keep_reports_days,
        )
        retention = Retention(self._statements)
        return Forgetting(retention, kept, tidying, node=self._node, clock=wall_clock)
