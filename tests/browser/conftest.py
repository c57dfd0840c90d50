"""A real server with Alice's things on it, and Debian's chromium in front of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.conftest import SETTINGS, database
from tests.journeys.process import Installation
from tests.journeys.world import Scene, make_scene
from tests.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.journeys.client import Client

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse 7"


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server for all tests of a module, with Bob who manages it; its manager's client is `site.bob`."""
    folder = tmp_path_factory.mktemp("browser")
    with database(request, "sqlite", folder) as url:
        installation = Installation(url, folder, dict(SETTINGS))
        installation.run(
            "user", "create", "bob@example.com", "--name", "Bob", "--role", "manager", stdin=f"{PASSWORD}\n"
        )
        key = installation.run("key", "create", "--manager", "Bob").stdout.strip()
        installation.start()
        try:
            installation.settings["KEY"] = key
            yield installation
        finally:
            assert installation.stop() == 0, installation.log.read_text()[-4000:]


@pytest.fixture
def bob(site: Installation) -> Client:
    """The manager's client of the API."""
    client = site.client(site.settings["KEY"])
    client.installation = site
    return client


@pytest.fixture
def scene(bob: Client) -> Scene:
    """Alice, with an offer, a campaign and a link of this test alone."""
    return make_scene(bob)


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's chromium, without a sandbox of its own: containers have no room for it.

    It ends with its module: while Playwright runs, Django refuses to touch a database in the same thread.
    """
    if not CHROMIUM.exists():
        assert os.environ.get("REDOUND_TEST_REQUIRE_BROWSER") != "1", "there is no /usr/bin/chromium"
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def sign_in(site: Installation, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a browser window in which somebody is signed in: `sign_in("alice@example.com", locale="ru")`.

    Errors of scripts, and anything that the Content-Security-Policy refuses, fail the test.
    """
    made: list[Any] = []
    wrong: list[str] = []

    def window(email: str, **options: Any) -> Any:
        options = {"viewport": {"width": 1360, "height": 850}, **options}
        context = chromium.new_context(base_url=site.base_url, **options)
        context.set_default_timeout(15_000)
        made.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        tab.goto("/accounts/login/")
        tab.fill("input[name=login]", email)
        tab.fill("input[name=password]", PASSWORD)
        tab.click("main button[type=submit], main form button")
        tab.wait_for_url(lambda address: "/accounts/" not in address)
        return tab

    yield window
    for context in made:
        context.close()
    assert wrong == []


@pytest.fixture
def alice(site: Installation, scene: Scene, sign_in: Callable[..., Any]) -> Callable[..., Any]:
    """Open a window of Alice's, an affiliate of this test alone."""
    email = f"alice-{scene.affiliate[-8:]}@example.com"
    site.run(
        "user", "create", email, "--name", "Alice", "--affiliate", scene.affiliate, stdin=f"{PASSWORD}\n"
    )

    def window(**options: Any) -> Any:
        return sign_in(email, **options)

    return window
