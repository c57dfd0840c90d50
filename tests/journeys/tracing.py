"""Asking a running server for traces, and reaching into its database for what would take days."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg

from redound.core.ids import mint_click_id, read_link_code
from redound.vault import Vault
from tests.journeys.conftest import SETTINGS
from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.process import Installation
    from tests.journeys.world import Scene

ONCE = {"retry_schedule": ["1h"]}
"""A postback whose second attempt never comes during a test."""


def trace(person: Client, text: str) -> dict[str, Any]:
    """What a person is told about a text."""
    return person.read(f"trace?q={quote(text)}")


def told(person: Client, text: str, code: str) -> dict[str, Any]:
    """Wait until this is the diagnosis; return its trace."""
    seen: list[Any] = []

    def is_told() -> dict[str, Any] | None:
        found = trace(person, text)
        seen[:] = [each["code"] for each in [found["diagnosis"], *found["further"]] if each]
        return found if seen[:1] == [code] else None

    try:
        found = eventually(is_told, 8, what=code)
    except AssertionError:
        raise AssertionError(f"{code} was not the diagnosis of {text}: {seen}") from None
    assert found["diagnosis"]["text"]
    assert found["diagnosis"]["remedy"]
    return found


def also_told(person: Client, text: str, code: str) -> None:
    """Wait until this is among the causes."""
    eventually(
        lambda: code in [each["code"] for each in trace(person, text)["further"]],
        8,
        what=f"{code} for {text}",
    )


def convert(bob: Client, scene: Scene, *, sub1: str = "tracker-click-1", **claim: str) -> str:
    """A visitor clicks and the advertiser reports; return the click ID."""
    click = bob.click(scene.code, sub1=sub1)
    reply = bob.report(click_id=click, **claim)
    assert reply.status == 200, reply.body
    return click


def sql(installation: Installation, statement: str, *values: object) -> list[Any]:
    """Run a statement with `?` for its values beside the server; return its rows."""
    url = installation.database_url
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20) as db:
            return db.execute(statement, values).fetchall()
    with psycopg.connect(url) as db:
        cursor = db.execute(statement.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []


def gone_click(scene: Scene, at_ms: int) -> str:
    """Mint a genuine click ID of the scene's link for a click that is not stored."""
    number = read_link_code(scene.code)
    assert number is not None
    return mint_click_id(Vault(SETTINGS["REDOUND_SECRET_KEY"]).click_keys, at_ms, number, b"vanished")
