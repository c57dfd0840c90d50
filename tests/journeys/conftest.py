"""One server a module and database, and the people in front of it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.databases import TEMPLATE
from tests.journeys.process import Installation
from tests.journeys.world import make_scene
from tests.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.client import Client
    from tests.journeys.world import Scene

SETTINGS = {
    "REDOUND_SECRET_KEY": "the secret key of all journeys, long enough to be one",
    "REDOUND_RETRY_SCHEDULE": "10ms",
    "REDOUND_ATTEMPT_TIMEOUT": "2s",
}
"""The schedule brings all 25 attempts within seconds; leases are as short as attempts may be long."""


@contextmanager
def database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """Make a migrated, empty database of this kind; give its address."""
    if kind == "sqlite":
        file = folder / "redound.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create(TEMPLATE)
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server for all tests of a module, once on each database; gives its manager's client."""
    folder = tmp_path_factory.mktemp("journey")
    with database(request, request.param, folder) as url:
        installation = Installation(url, folder, SETTINGS)
        key = installation.run("key", "create", "--manager", "Bob").stdout.strip()
        installation.start()
        try:
            client = installation.client(key)
            client.installation = installation
            yield client
        finally:
            assert installation.stop() == 0, installation.log.read_text()[-4000:]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of this test alone, not started, once on each database."""
    with database(request, request.param, tmp_path) as url:
        installation = Installation(url, tmp_path, SETTINGS)
        try:
            yield installation
        finally:
            installation.kill()


@pytest.fixture
def bob(running: Client) -> Client:
    """The manager."""
    return running


@pytest.fixture
def scene(bob: Client) -> Scene:
    """Alice, with an offer, a campaign and a link of this test alone."""
    return make_scene(bob)


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def alice(bob: Client, scene: Scene) -> Client:
    """Alice with a key of her own, made beside the running server."""
    key = bob.installation.run("key", "create", "--affiliate", scene.affiliate).stdout.strip()
    return bob.installation.client(key)


@pytest.fixture(scope="module")
def stranger(running: Client) -> Client:
    """Charlie, another affiliate of the same network."""
    charlie = running.make("affiliates", name="Charlie")["id"]
    key = running.installation.run("key", "create", "--affiliate", charlie).stdout.strip()
    return running.installation.client(key)
