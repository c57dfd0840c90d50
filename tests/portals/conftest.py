"""Portals on a database of their own for each test, on both databases; and the mail that they send."""

from __future__ import annotations

import dataclasses
import json
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.console.conftest import bus, world
from tests.portals.browsing import Mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["bus", "change", "mail", "ours", "queries", "world"]

BUDGETS = Path(__file__).parent / "query_counts.json"


@pytest.fixture
def change() -> Iterator[Callable[..., None]]:
    """Change settings of Django's for the test: `change(NAME=value)`."""
    from django.test import override_settings

    made: list[Any] = []

    def to(**settings: Any) -> None:
        made.append(override_settings(**settings))
        made[-1].enable()

    yield to
    for each in reversed(made):
        each.disable()


@pytest.fixture
def ours(world) -> Callable[..., None]:
    """Change settings of the installation for the test: `ours(require_two_factor="managers")`."""
    from redound.console import runtime

    def to(**settings: Any) -> None:
        runtime.start(dataclasses.replace(runtime.settings(), **settings))

    return to


@pytest.fixture
def mail(ours, change, monkeypatch) -> Mail:
    """An installation with a mail server, and what it was given to send."""
    from django.core.mail.backends import locmem

    from redound.settings import Smtp

    box = Mail()

    def send(_self: object, messages: list[Any]) -> int:
        if box.broken:
            raise smtplib.SMTPServerDisconnected
        box.sent += messages
        return len(messages)

    ours(smtp=Smtp("mail.test", 25, "", "", tls=False, starttls=False))
    change(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend", ACCOUNT_EMAIL_NOTIFICATIONS=True)
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", send)
    monkeypatch.setattr("redound.console.signin.mailing.later", lambda job: job())
    return box


@pytest.fixture
def queries() -> Callable[[str, Callable[[], Any]], Any]:
    """Hold a page to its budget: `queries("deliveries", lambda: browser.get("/deliveries/"))`.

    The budgets stand in query_counts.json. A page may ask less often than that; then write the lower number.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def within(name: str, visit: Callable[[], Any]) -> Any:
        visit()  # what a process keeps after the first visit is not the page's
        with CaptureQueriesContext(connection) as made:
            answer = visit()
        asked = [
            each["sql"] for each in made if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))
        ]
        budget = json.loads(BUDGETS.read_text(encoding="utf-8")).get(name, 0)
        assert len(asked) == budget, f"{name}: {len(asked)} queries, {budget} expected\n" + "\n".join(asked)
        return answer

    return within
