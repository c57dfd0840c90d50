"""A console on a database of its own for each test, on both databases; and the people who use it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings

from redound import settings as environment
from redound.console import runtime
from tests.console.people import World

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET_KEY = "a secret key for tests, long enough to be one"
ENVIRONMENT = {
    "REDOUND_SECRET_KEY": SECRET_KEY,
    "REDOUND_ALLOW_NETWORKS": "127.0.0.0/8",
    "REDOUND_BASE_URL": "http://console.test",
    "REDOUND_TRACKING_URL": "http://track.test",
    "REDOUND_ATTEMPT_TIMEOUT": "2s",
    "REDOUND_HTML_PIXELS": "1",
}


def settings_for(url: str) -> environment.Settings:
    """Return the settings of the tests with this database."""
    return environment.load({**ENVIRONMENT, "REDOUND_DATABASE_URL": url})


class Bus:
    """Counts how often the worker was woken."""

    def __init__(self) -> None:
        self.notified = 0

    def notify(self) -> None:
        """Count."""
        self.notified += 1

    def subscribe(self, callback):
        """Nobody listens."""
        raise NotImplementedError


# Django reads its settings once a process; each test then points its connection at a database of its own.
os.environ["DJANGO_SETTINGS_MODULE"] = "redound.console.settings"
runtime.start(settings_for("sqlite:///:memory:"))
# Passwords in tests need no second of work each.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def point_django_at(url: str) -> Bus:
    """Make Django's connection one to this database, and settings and bus those of the test."""
    from django.conf import settings
    from django.db import connections

    from redound.console.databases import databases

    bus = Bus()
    ours = settings_for(url)
    runtime.start(ours, bus)
    connections.close_all()
    for alias in list(connections):
        if hasattr(connections._connections, alias):
            delattr(connections._connections, alias)
    settings.DATABASES = databases(ours)
    connections.__dict__.pop("settings", None)
    connections._settings = settings.DATABASES
    return bus


@pytest.fixture
def bus(database_url) -> Iterator[Bus]:
    """An empty, migrated database of each kind, and the bus of the console that uses it."""
    from django.db import connections

    yield point_django_at(database_url)
    connections.close_all()


@pytest.fixture
def world(bus) -> World:
    """Bob the manager, Alice his affiliate, Charlie a stranger; Acme's offer and a link of Alice's for it."""
    return World(bus)
