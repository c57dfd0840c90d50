"""What `redound doctor` checks, one function a question. Each returns findings and never raises."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from redound.settings import Settings

ALIVE_MS = 30_000
"""A process that was not seen for so long counts as gone."""
LATE_MS = 5 * 60_000
"""Something due for longer than this is a backlog."""
SKEW_MS = 2_000
WIDE_PREFIX = {4: 16, 6: 32}
"""Allowed networks with a shorter prefix than this are worth a second look."""


class State(StrEnum):
    """How a check came out. Only FAILED makes the command end with exit code 3."""

    FINE = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome: what was found, and what to do about it."""

    check: str
    state: State
    detail: str
    remedy: str = ""


def fine(check: str, detail: str) -> Finding:
    """Return that all is well."""
    return Finding(check, State.FINE, detail)


def data_dir(settings: Settings) -> Finding:
    """Whether files can be made where the key, the spill file and SQLite's database live."""
    folder = settings.data_dir
    try:
        with tempfile.TemporaryFile(dir=folder):
            return fine("data directory", f"{folder} can be written")
    except OSError as error:
        detail = f"{folder} cannot be written: {error.strerror}"
        return Finding("data directory", State.FAILED, detail, "Run `redound init`, or set REDOUND_DATA_DIR.")


def secret_key(settings: Settings) -> Finding:
    """Whether there is a key, a good one, and the one that the latest click ID was made with."""
    from redound.console.traffic.models import Click
    from redound.core.ids import NotOurs, read_click_id
    from redound.keys import with_secret_key
    from redound.settings import SettingError
    from redound.vault import KeyringError, Vault

    try:
        keyed = with_secret_key(settings)
        vault = Vault(keyed.secret_key, keyed.old_secret_keys)
    except (SettingError, KeyringError) as error:
        return Finding(
            "secret key", State.FAILED, str(error), "Run `redound init`, or set REDOUND_SECRET_KEY."
        )
    newest = Click.objects.values_list("id", flat=True).first()
    if newest is not None and isinstance(read_click_id(vault.click_keys, newest), NotOurs):
        detail = f"the latest click ID, {newest}, was made with another key"
        remedy = (
            "Set REDOUND_SECRET_KEY to the key that was used before, or add it to REDOUND_OLD_SECRET_KEYS."
        )
        return Finding("secret key", State.FAILED, detail, remedy)
    if vault.weak:
        remedy = "Make a longer one, and keep this one in REDOUND_OLD_SECRET_KEYS."
        return Finding("secret key", State.WARNING, "the key is short enough to be guessed", remedy)
    return fine("secret key", f"fingerprint {vault.fingerprint[:8]}")


def networks(settings: Settings) -> Finding:
    """Whether receivers may be in wide private networks."""
    wide = [net for net in settings.allow_networks if net.prefixlen < WIDE_PREFIX[net.version]]
    if wide:
        detail = f"callbacks may go to all of {', '.join(map(str, wide))}"
        return Finding(
            "allowed networks", State.WARNING, detail, "Narrow REDOUND_ALLOW_NETWORKS to the receivers."
        )
    named = ", ".join(map(str, settings.allow_networks)) or "public addresses only"
    return fine("allowed networks", named)


def tracking_url(settings: Settings) -> Finding:
    """Whether visitors and advertisers can use the address that is handed out."""
    url, base = urlsplit(settings.tracking_url), urlsplit(settings.base_url)
    remedy = "Set REDOUND_TRACKING_URL to a host of its own, with https."
    if url.hostname in {"127.0.0.1", "localhost", "::1"}:
        detail = f"{settings.tracking_url} can be reached from this machine only"
        return Finding("tracking URL", State.WARNING, detail, remedy)
    if url.scheme != "https":
        return Finding("tracking URL", State.WARNING, f"{settings.tracking_url} is not encrypted", remedy)
    if (url.scheme, url.netloc) == (base.scheme, base.netloc):
        detail = f"{settings.tracking_url} shares the console's origin"
        return Finding("tracking URL", State.WARNING, detail, remedy)
    return fine("tracking URL", settings.tracking_url)


def database(settings: Settings) -> Finding:
    """Whether the database answers."""
    from django.db import DatabaseError, connection

    where = (
        str(settings.sqlite_path)
        if settings.dialect == "sqlite"
        else _without_password(settings.database_url)
    )
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        detail = f"{where}: {error}".strip()
        return Finding(
            "database", State.FAILED, detail, "Check REDOUND_DATABASE_URL and that the server runs."
        )
    return fine("database", f"{connection.vendor} at {where}")


def migrations() -> Finding:
    """Whether the tables are those of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing[:3])
        return Finding(
            "migrations", State.FAILED, f"{len(missing)} are missing: {names} …", "Run `redound migrate`."
        )
    return fine("migrations", "all are applied")


def worker() -> Finding:
    """Whether a process that sends callbacks was seen lately."""
    from redound.console.traffic.models import Worker

    now_ms = time.time_ns() // 1_000_000
    rows = list(Worker.objects.order_by("-seen_at"))
    alive = [row for row in rows if now_ms - row.seen_at < ALIVE_MS]
    if alive:
        return fine("worker", ", ".join(f"{row.node} ({row.role})" for row in alive))
    last = f"the last one {(now_ms - rows[0].seen_at) // 1000} seconds ago" if rows else "none ever"
    remedy = "Start `redound serve`, or `redound deliver` beside an edge."
    return Finding("worker", State.WARNING, f"no process that sends callbacks was seen, {last}", remedy)


def backlog() -> Finding:
    """Whether something has been due for long without being tried."""
    from redound.console.traffic.models import Due
    from redound.core.deliveries import Queue

    now_ms = time.time_ns() // 1_000_000
    waiting = Due.objects.filter(queue__lt=Queue.PARKED)
    late = waiting.filter(at__lt=now_ms - LATE_MS).order_by("at")
    oldest = late.first()
    if oldest is None:
        return fine("backlog", f"{waiting.count()} deliveries wait, none is late")
    detail = f"{late.count()} deliveries are late, the oldest by {(now_ms - oldest.at) // 60_000} minutes"
    return Finding(
        "backlog", State.FAILED, detail, "Is a worker running? `redound deliveries list` shows them."
    )


def clock() -> Finding:
    """Whether this machine's clock agrees with the database's and with what is stored."""
    from django.db.models.functions import Now

    from redound.console.traffic.models import Click, ConfigVersion, Worker

    now_ms = time.time_ns() // 1_000_000
    theirs = ConfigVersion.objects.annotate(now=Now()).values_list("now", flat=True).first()
    theirs_ms = int(theirs.timestamp() * 1000) if theirs is not None else now_ms
    if now_ms - theirs_ms > SKEW_MS:
        detail = f"the database's clock is {(now_ms - theirs_ms) / 1000:.0f} seconds behind"
        return Finding("clock", State.FAILED, detail, "Let both machines follow a time server.")
    newest = (
        theirs_ms,
        Click.objects.values_list("created_at", flat=True).first(),
        Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first(),
    )
    ahead = max(at - now_ms for at in newest if at is not None)
    if ahead > SKEW_MS:
        detail = f"something is stored {ahead / 1000:.0f} seconds in the future of this machine"
        return Finding("clock", State.FAILED, detail, "Let every machine follow a time server.")
    return fine("clock", "agrees with the database")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
