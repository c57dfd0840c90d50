"""From a postback's ID to how its deliveries go out now: compiled once for each edit of the postback."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from redound.core.catalog import HealthState
from redound.core.health import observe
from redound.core.requests import compile_postback
from redound.core.retries import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.catalog import Postback
    from redound.core.deliveries import Health, HealthStep, Recorded
    from redound.core.health import HealthPolicy
    from redound.core.requests import CompiledPostback
    from redound.store.snapshot import Snapshot

    Unseal = Callable[[str, str], str]
    """(sealed, place) to plain text, ValueError when it does not open: the vault's own."""


class Standing(IntEnum):
    """What is to become of deliveries of a postback."""

    SEND = 0
    PARK = 1


@dataclass(frozen=True, slots=True)
class Route:
    """A postback ready to send; `host` (with its port) is whom the cap of concurrency protects.

    `compiled` is None when its template or a secret cannot be used any more; `problem` then says why.
    """

    postback: Postback
    standing: Standing
    host: str
    retries: RetryPolicy
    compiled: CompiledPostback | None
    problem: str = ""


def host_of(url: str) -> str:
    """Return the authority of a template in lower case. Macros cannot stand in it, so this is exact."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _standing(postback: Postback) -> Standing:
    stopped = not postback.enabled or postback.health is HealthState.DISABLED
    return Standing.PARK if stopped else Standing.SEND


class Routes:
    """The routes of a snapshot that somebody else keeps fresh. A changed postback is another object there."""

    def __init__(
        self, snapshot: Snapshot, unseal: Unseal, retries: RetryPolicy, health: HealthPolicy
    ) -> None:
        self._snapshot = snapshot
        self._unseal = unseal
        self._retries = retries
        self._health = health
        self._routes: dict[str, Route] = {}
        self._disabled: dict[str, int] = {}

    def of(self, postback_id: str) -> Route | None:
        """Return the route, None for a postback that the snapshot does not know (archived, or too new)."""
        postback = self._snapshot.postbacks.get(postback_id)
        route = self._routes.get(postback_id)
        if route is not None and route.postback is postback:
            return route
        if postback is None:
            self._routes.pop(postback_id, None)
            return None
        route = self._routes[postback_id] = self._compile(postback)
        return route

    def standing(self, route: Route) -> Standing:
        """Return the standing, counting what this process disabled and the snapshot does not show yet."""
        if self._disabled and route.standing is Standing.SEND:
            seen = self._disabled.get(route.postback.id)
            if seen is not None:
                if self._snapshot.version <= seen:
                    return Standing.PARK
                del self._disabled[route.postback.id]
        return route.standing

    def disable(self, postback_id: str) -> Postback | None:
        """Park this postback's deliveries until the snapshot moves on; return it if it is known."""
        self._disabled[postback_id] = self._snapshot.version
        return self._snapshot.postbacks.get(postback_id)

    def judge(self, health: Health, records: Sequence[Recorded], now_ms: int) -> HealthStep:
        """Take results into a postback's health, by its own number of attempts if it has one.

        May run on a database's thread: it only reads.
        """
        postback = self._snapshot.postbacks.get(health.postback_id)
        policy, strict = self._health, False
        if postback is not None:
            strict = postback.strict_disable
            if postback.max_attempts is not None:
                policy = replace(policy, max_attempts=postback.max_attempts)
        return observe(health, records, strict, policy, now_ms)

    def _compile(self, postback: Postback) -> Route:
        place = f"postbacks/{postback.id}"
        retries = self._retries
        if postback.retry_schedule is not None or postback.max_attempts is not None:
            retries = RetryPolicy(
                schedule=postback.retry_schedule or retries.schedule,
                max_attempts=postback.max_attempts or retries.max_attempts,
            )
        compiled, problem = None, ""
        try:
            compiled = compile_postback(
                postback, lambda field, sealed: self._unseal(sealed, f"{place}/{field}")
            )
        except ValueError as error:
            problem = str(error)
        return Route(postback, _standing(postback), host_of(postback.url), retries, compiled, problem)
