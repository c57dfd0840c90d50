"""One server a module and database, and the people in front of it."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.databases import TEMPLATE, locked
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
def database(
    request: pytest.FixtureRequest, kind: str, folder: Path, template: str | None = None
) -> Iterator[str]:
    """Make a migrated database of this kind, empty or like another template; give its address."""
    if kind == "sqlite":
        file = folder / "redound.sqlite3"
        shutil.copyfile(template or request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create(template or TEMPLATE)
    yield server.url(name)
    server.drop(name)


def with_bob(request: pytest.FixtureRequest, kind: str) -> tuple[str, str]:
    """Return a template in which Bob has a key, and the key: made once a run by the command."""
    run_folder: Path = request.getfixturevalue("run_folder")
    note = run_folder / f"bob-{kind}.json"
    # Before the lock is taken: making these takes it, too.
    request.getfixturevalue("sqlite_template" if kind == "sqlite" else "postgres_server")
    with locked(run_folder):
        if not note.exists():
            note.write_text(json.dumps(_made_with_bob(request, kind, run_folder / f"bob-{kind}")))
    template, key = json.loads(note.read_text())
    return template, key


def _made_with_bob(request: pytest.FixtureRequest, kind: str, folder: Path) -> tuple[str, str]:
    folder.mkdir()
    if kind == "sqlite":
        template = str(folder / "redound.sqlite3")
        shutil.copyfile(request.getfixturevalue("sqlite_template"), template)
        url = f"sqlite:///{template}"
    else:
        server = request.getfixturevalue("postgres_server")
        template = server.create(TEMPLATE)
        url = server.url(template)
    return template, Installation(url, folder, SETTINGS).manager().key


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server for all tests of a module, once on each database; gives its manager's client."""
    folder = tmp_path_factory.mktemp("journey")
    template, key = with_bob(request, request.param)
    with database(request, request.param, folder, template) as url:
        installation = Installation(url, folder, SETTINGS)
        installation.start()
        try:
            client = installation.client(key)
            client.installation = installation
            yield client
        finally:
            assert installation.stop() == 0, installation.log.read_text()[-4000:]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of this test alone, not started, once on each database; Bob has his key."""
    template, key = with_bob(request, request.param)
    with database(request, request.param, tmp_path, template) as url:
        installation = Installation(url, tmp_path, SETTINGS, bobs_key=key)
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
