"""One store under test with ways to configure it and to look into it that all drivers share."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from redound.core.catalog import (
    Advertiser,
    Affiliate,
    Brand,
    Campaign,
    Goal,
    HealthState,
    Link,
    Offer,
    Postback,
)
from redound.store.memory import MemoryStore
from redound.store.snapshot import Snapshot
from tests.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TABLES = {
    Advertiser: "advertisers",
    Brand: "brands",
    Offer: "offers",
    Goal: "goals",
    Affiliate: "affiliates",
    Campaign: "campaigns",
    Link: "links",
    Postback: "postbacks",
}
_LEFT_OUT = {
    Advertiser: {"token_digests", "profile"},
    Offer: {"advertiser_id", "goals"},
    Link: {"affiliate_id"},
    Postback: {"health"},
}
_JSON = {
    *(
        "tokens",
        "signing_secrets",
        "allowed_ips",
        "status_words",
        "deep_link_hosts",
        "goals",
        "statuses",
        "include",
    ),
    *("exclude_offers", "params", "headers", "auth", "success", "retry_schedule"),
}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(each) for name, each in dataclasses.asdict(value).items()}
    return value


def columns_of(thing: Any) -> dict[str, Any]:
    """Return a core value as a row of its configuration table."""
    kind = type(thing)
    row = {
        field.name: _plain(getattr(thing, field.name))
        for field in dataclasses.fields(kind)
        if field.name not in _LEFT_OUT.get(kind, ())
    }
    row.setdefault("created_at", NOW)
    row["updated_at"] = NOW
    if kind is Advertiser:
        row["signing_secrets"] = [{"digest": "", "sealed": each} for each in thing.signing_secrets]
        row["tokens"] = [{"digest": each, "sealed": ""} for each in sorted(thing.token_digests)]
    if kind in {Offer, Affiliate}:
        row["status"] = "paused" if row["paused_at"] else "active"
    if kind is Goal:
        row["hold_then"] = row["hold_then"] or ""
    return row


def flat(things: Iterable[Any]) -> list[Any]:
    """Return things in the order in which they refer to each other, offers' goals on their own."""
    found = list(things)
    found += [goal for each in things if isinstance(each, Offer) for goal in each.goals]
    order = [Advertiser, Brand, Affiliate, Campaign, Offer, Goal, Link, Postback]
    return sorted(found, key=lambda each: order.index(type(each)))


class Database:
    """A plain connection of the test beside the store: it configures, and it looks."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite:")
        self.db: Any
        if self.sqlite:
            self.db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=20)
            self.db.execute("PRAGMA foreign_keys = ON")
        else:
            self.db = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        """Disconnect."""
        self.db.close()

    def run(self, sql: str, *values: Any) -> list[Any]:
        """Run a statement with `?` for its values; return its rows, if any."""
        cursor = self.db.execute(sql if self.sqlite else sql.replace("?", "%s"), values or None or ())
        return cursor.fetchall() if cursor.description else []

    def _columns(self, table: str) -> set[str]:
        if self.sqlite:
            return {row[0] for row in self.run("SELECT name FROM pragma_table_info(?)", table)}
        sql = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
        return {row[0] for row in self.run(sql, table)}

    def put(self, thing: Any) -> None:
        """Insert a configuration row, or replace the one of the same ID."""
        known = self._columns(_TABLES[type(thing)])
        row = {name: value for name, value in columns_of(thing).items() if name in known}
        values = [self._value(name, value) for name, value in row.items()]
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        self.run(
            f"INSERT INTO {_TABLES[type(thing)]} ({names}) VALUES ({marks}) "
            f"ON CONFLICT (id) DO UPDATE SET {updates}",
            *values,
        )
        if isinstance(thing, Postback):
            self._put_health(thing)

    def _put_health(self, postback: Postback) -> None:
        """A postback's health has a row of its own, which a healthy one may lack."""
        if postback.health is HealthState.OK:
            return
        self.run(
            "INSERT INTO postback_health (postback_id, state) VALUES (?, ?) "
            "ON CONFLICT (postback_id) DO UPDATE SET state = excluded.state",
            postback.id,
            postback.health.value,
        )

    def _value(self, name: str, value: Any) -> Any:
        if name in _JSON and not (name == "retry_schedule" and value is None):
            return json.dumps(value) if self.sqlite else Jsonb(value)
        if self.sqlite and isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        if self.sqlite and isinstance(value, Decimal):
            return str(value)
        return value


class Rig:
    """An opened store, and the same questions about its tables whatever it keeps them in."""

    def __init__(self, store: Any, database: Database | None = None) -> None:
        self.store = store
        self.database = database
        self._things: dict[tuple[type, str], Any] = {}

    def configure(self, *things: Any) -> None:
        """Put configuration in, or replace it."""
        for each in flat(things):
            self._things[type(each), each.id] = each
            if self.database is not None:
                self.database.put(each)
        self._reconfigure()

    def unconfigure(self, thing: Any) -> None:
        """Delete a configuration row."""
        del self._things[type(thing), thing.id]
        if self.database is not None:
            self.database.run(f"DELETE FROM {_TABLES[type(thing)]} WHERE id = ?", thing.id)
        self._reconfigure()

    def _reconfigure(self) -> None:
        if isinstance(self.store, MemoryStore):
            nouns: dict[str, list[Any]] = {}
            for (kind, _), thing in self._things.items():
                bare = dataclasses.replace(thing, goals=()) if isinstance(thing, Offer) else thing
                nouns.setdefault(_TABLES[kind], []).append(bare)
            self.store.configure(Snapshot(**nouns))

    def count(self, noun: str) -> int:
        """Return how many rows a traffic table has."""
        if self.database is not None:
            return int(self.database.run(f"SELECT count(*) FROM {noun}")[0][0])
        return len(getattr(self.store, noun))

    def verdicts(self) -> list[str]:
        """Return the stored reports' verdicts, by report ID."""
        if self.database is not None:
            return [row[0] for row in self.database.run("SELECT verdict FROM reports ORDER BY id")]
        return [self.store.reports[each].outcome.verdict.value for each in sorted(self.store.reports)]

    def state(self, delivery_id: str) -> tuple[str, str, int]:
        """Return a delivery's stored state, why it ended, and its attempts."""
        if self.database is not None:
            sql = "SELECT state, ended_because, attempts FROM deliveries WHERE id = ?"
            return tuple(self.database.run(sql, delivery_id)[0])
        kept = self.store.deliveries[delivery_id]
        return kept.state, kept.ended_because, kept.attempts

    def due(self, delivery_id: str) -> tuple[int, int, str] | None:
        """Return queue, time and lease of an unfinished delivery, None when it has ended."""
        if self.database is not None:
            rows = self.database.run("SELECT queue, at, lease FROM due WHERE delivery_id = ?", delivery_id)
            return tuple(rows[0]) if rows else None
        due = self.store.due.get(delivery_id)
        return None if due is None else (int(due.queue), due.at, due.lease)

    def notices(self) -> list[tuple[str, str, str]]:
        """Return kind, audience and text of every notification."""
        if self.database is not None:
            sql = "SELECT kind, audience, text FROM notifications ORDER BY audience"
            return [tuple(row) for row in self.database.run(sql)]
        return sorted((each.kind, each.audience, each.text) for each in self.store.notifications)


def sqlite_path(url: str) -> Path:
    """Return the file of a `sqlite:///` address."""
    from pathlib import Path

    return Path(url.removeprefix("sqlite:///"))
