"""Signing in as people do it: with a second factor, by keyboard, in Russian; and the backoffice."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import PASSWORD
from tests.browser.test_every_page import AXE, LOOKS, axe_source
from tests.portals.totp import code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def window(site, chromium) -> Iterator[Callable[..., Any]]:
    """Open a browser in which nobody is signed in; what the policy refuses fails the test."""
    made, wrong = [], []

    def opened(**options: Any) -> Any:
        options = {"viewport": {"width": 1360, "height": 850}, **options}
        context = chromium.new_context(base_url=site.base_url, **options)
        context.set_default_timeout(15_000)
        made.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        tab.on("request", lambda asked: wrong.append(asked.url) if is_elsewhere(site, asked.url) else None)
        return tab

    yield opened
    for context in made:
        context.close()
    assert wrong == []


def is_elsewhere(site, url):
    """Whether a request leaves for another host."""
    return not url.startswith((site.base_url, "data:", "blob:"))


@pytest.fixture
def mia(site) -> str:
    """Mia, a manager of this test alone; returns her address."""
    email = f"mia-{time.monotonic_ns()}@example.com"
    site.run("user", "create", email, "--name", "Mia", "--role", "manager", stdin=f"{PASSWORD}\n")
    return email


def type_in(tab, email, password=PASSWORD):
    """Fill the form with the keyboard alone."""
    tab.goto("/accounts/login/")
    tab.focus("input[name=login]")
    tab.keyboard.type(email)
    tab.keyboard.press("Tab")
    tab.keyboard.type(password)
    tab.keyboard.press("Enter")


def axe(tab):
    """Return what the checker finds on the page."""
    tab.evaluate(axe_source())
    found = tab.evaluate("options => axe.run(document, options)", AXE)["violations"]
    return [(tab.url, each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


def set_up(tab):
    """Set an authenticator app up on the page; return its secret."""
    secret = tab.inner_text("code.secret")
    tab.fill("input[name=code]", code(secret))
    tab.click("text=Turn on")
    tab.wait_for_url("**/recovery-codes/")
    return secret


def test_signing_in_with_a_second_factor(window, mia):
    """Mia sets it up from her profile; the next sign-in asks for a code; her sessions can be ended."""
    tab = window()
    type_in(tab, mia)
    tab.wait_for_url("**/manage/")
    tab.goto("/manage/profile/")
    tab.click("a[href='/accounts/2fa/']")
    tab.click("text=Set up")
    assert tab.locator("svg.qr").bounding_box()["width"] > 150
    secret = set_up(tab)
    assert tab.locator("ul.codes li").count() == 10
    with tab.expect_download() as saved:
        tab.click("text=Download")
    assert saved.value.suggested_filename == "recovery-codes.txt"
    phone = window(viewport={"width": 390, "height": 800}, user_agent="Mia's phone")
    type_in(phone, mia)
    phone.wait_for_url("**/accounts/2fa/authenticate/")
    phone.fill("input[name=code]", "000000")
    phone.keyboard.press("Enter")
    phone.wait_for_selector("text=Incorrect code")
    phone.fill("input[name=code]", code(secret, time.time() + 30))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/manage/")
    tab.goto("/accounts/sessions/")
    assert "Mia's phone" in tab.inner_text("main")
    tab.click("text=End all others")
    tab.wait_for_load_state()
    assert "Mia's phone" not in tab.inner_text("main")
    phone.goto("/manage/profile/")
    assert "/accounts/login/" in phone.url


def test_what_is_worth_protecting_asks_again_and_goes_on(window, site, mia):
    """An API key is made after the password was given anew; it is shown once."""
    tab = window()
    type_in(tab, mia)
    tab.wait_for_url("**/manage/")
    tab.goto("/manage/api-keys/new/")
    tab.fill("input[name=name]", "Script")
    tab.click("text=Make the key")
    raw = tab.inner_text("#new-key")
    assert re.fullmatch(r"rdk_[\w-]+", raw)
    tab.goto("/manage/api-keys/")
    assert "Script" in tab.inner_text("main")
    assert raw not in tab.content()


def test_language_and_theme_before_sign_in(window):
    """Two clicks, remembered by the browser."""
    tab = window()
    tab.goto("/accounts/login/")
    tab.click("button[lang=ru]")
    assert tab.inner_text("h1") == "Войти"
    tab.click("button[value=dark]")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.reload()
    assert (tab.inner_text("h1"), tab.evaluate("document.documentElement.dataset.theme")) == ("Войти", "dark")


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_the_pages_of_accounts_are_clean(window, mia, look):
    """Axe finds nothing on them, before sign-in and after; nothing is wider than a phone."""
    tab, found = window(**look), []
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/inactive/"):
        tab.goto(path)
        found += axe(tab)
    type_in(tab, mia)
    tab.wait_for_url("**/manage/")
    for path in (
        *("/manage/profile/", "/manage/people/", "/manage/people/invite/", "/manage/api-keys/"),
        *("/manage/api-keys/new/", "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/sessions/"),
        *("/accounts/password/change/", "/accounts/logout/", "/accounts/reauthenticate/"),
    ):
        tab.goto(path)
        found += axe(tab)
        tab.set_viewport_size({"width": 390, "height": 800})
        wide = tab.evaluate("document.documentElement.scrollWidth")
        if wide > 390:
            found.append((path, "wider than a phone", wide))
        tab.set_viewport_size({"width": 1360, "height": 850})
    assert not found, "\n".join(map(str, found))


def test_the_backoffice_and_the_documentation_of_the_api_work_under_the_policy(window, site):
    """Olga lists people and saves one; the API's page draws itself. Nothing is refused."""
    email = f"olga-{time.monotonic_ns()}@example.com"
    site.run("user", "create", email, "--name", "Olga", "--role", "operator", stdin=f"{PASSWORD}\n")
    tab = window()
    type_in(tab, email)
    tab.wait_for_url("**/manage/")
    tab.goto("/backoffice/accounts/user/")
    tab.click(f"#result_list a:has-text('{email}')")
    tab.fill("#id_name", "Olga O.")
    tab.click("input[name=_save]")
    assert "changed successfully" in tab.inner_text("body")
    tab.goto("/api/v1/docs")
    tab.wait_for_selector(".opblock-tag", timeout=15_000)
