"""Second factors: set up, used, lost, required; and their secrets at rest."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from tests.portals.browsing import Browser, person
from tests.portals.totp import code

ACTIVATE = "/accounts/2fa/totp/activate/"


@pytest.fixture
def alice(world):
    """Alice, who signs in for her affiliate."""
    return person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)


def set_up(browser):
    """Set an authenticator app up; return its secret."""
    secret = re.search(r'<code class="secret">(\w+)</code>', browser.text(ACTIVATE))[1]
    answer = browser.post(ACTIVATE, {"code": code(secret)})
    assert answer.url == "/accounts/2fa/recovery-codes/"
    return secret


def recovery_codes(browser):
    """Return the codes that the page shows."""
    return re.findall(r"<li>(\d{8})</li>", browser.text("/accounts/2fa/recovery-codes/"))


def test_alice_sets_up_an_app_and_signs_in_with_it(world, alice):
    """The password alone opens nothing any more; a code opens once."""
    secret = set_up(Browser("alice@example.com"))
    browser = Browser()
    assert browser.sign_in("alice@example.com").url == "/accounts/2fa/authenticate/"
    assert browser.get("/profile/").status_code == 302
    assert browser.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    later = code(secret, time.time() + 30)
    assert browser.post("/accounts/2fa/authenticate/", {"code": later}).url == "/"
    assert browser.get("/profile/").status_code == 200
    other = Browser()
    other.sign_in("alice@example.com")
    assert other.post("/accounts/2fa/authenticate/", {"code": later}).status_code == 200
    assert other.get("/profile/").status_code == 302


def test_a_code_is_good_once_however_long_it_is_right(world, alice, monkeypatch):
    """Neither the one that set the app up, nor a used one a minute later, within tolerance."""
    began = time.time() // 30 * 30
    monkeypatch.setattr("time.time", lambda: began)
    secret = set_up(Browser("alice@example.com"))
    first, early = Browser(), code(secret, began + 30)
    first.sign_in("alice@example.com")
    assert first.post("/accounts/2fa/authenticate/", {"code": code(secret, began)}).status_code == 200
    assert first.post("/accounts/2fa/authenticate/", {"code": early}).url == "/"
    monkeypatch.setattr("time.time", lambda: began + 59)
    second = Browser()
    second.sign_in("alice@example.com")
    assert second.post("/accounts/2fa/authenticate/", {"code": early}).status_code == 200
    assert second.post("/accounts/2fa/authenticate/", {"code": code(secret, began + 60)}).url == "/"


def test_codes_cannot_be_guessed(world, alice):
    """After five wrong ones even the right one waits."""
    secret = set_up(Browser("alice@example.com"))
    browser = Browser()
    browser.sign_in("alice@example.com")
    for _ in range(5):
        browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    answer = browser.post("/accounts/2fa/authenticate/", {"code": code(secret, time.time() + 30)})
    assert "Too many" in answer.content.decode()


def test_a_recovery_code_opens_once(world, alice):
    """When the phone is lost."""
    browser = Browser("alice@example.com")
    set_up(browser)
    codes = recovery_codes(browser)
    assert len(codes) == 10
    first = Browser()
    first.sign_in("alice@example.com")
    assert first.post("/accounts/2fa/authenticate/", {"code": codes[0]}).url == "/"
    second = Browser()
    second.sign_in("alice@example.com")
    assert second.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200
    assert recovery_codes(browser) == codes[1:]
    assert browser.text("/accounts/2fa/recovery-codes/download/").split() == codes[1:]


def test_new_codes_make_the_old_ones_worthless(world, alice):
    """Somebody may have seen them."""
    browser = Browser("alice@example.com")
    set_up(browser)
    codes = recovery_codes(browser)
    assert browser.post("/accounts/2fa/recovery-codes/generate/").status_code == 302
    assert not set(codes) & set(recovery_codes(browser))


def test_secrets_are_sealed_at_rest(world, alice):
    """In a copy of the database nobody finds a secret: not of a factor, nor of one that is being set up."""
    from allauth.mfa.models import Authenticator
    from django.contrib.sessions.models import Session

    from redound.console import runtime

    browser = Browser("alice@example.com")
    pending = re.search(r'<code class="secret">(\w+)</code>', browser.text(ACTIVATE))[1]
    assert all(pending not in row.session_data for row in Session.objects.all())
    assert browser.client.session["mfa.totp.secret"] == pending
    secret = set_up(browser)
    for row in Authenticator.objects.all():
        assert all(
            str(value).startswith("v1.") for name, value in row.data.items() if name in {"secret", "seed"}
        )
    row = Authenticator.objects.get(type="totp")
    assert runtime.vault().unseal(row.data["secret"], "second factors//secret") == secret


def test_the_picture_holds_what_the_key_says(world, alice):
    """It is drawn here, without a style attribute or a picture of another host."""
    page = Browser("alice@example.com").text(ACTIVATE)
    assert re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1"', page)
    assert "style=" not in page
    assert "otpauth" not in unescape(page)


@pytest.mark.parametrize(
    "path", [ACTIVATE, "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/"]
)
def test_second_factors_want_a_fresh_password(world, alice, path):
    """An unattended browser is not enough."""
    browser = Browser("alice@example.com")
    if path != ACTIVATE:
        set_up(browser)
    browser.forget_sudo()
    asked = browser.get(path)
    assert asked.url.startswith("/accounts/reauthenticate/?next=")
    assert browser.post(asked.url, {"password": "wrong"}).status_code == 200
    assert browser.get(path).status_code == 302
    assert browser.post(asked.url, {"password": "correct horse 7"}).url == path
    assert browser.get(path).status_code == 200


def test_turning_it_off_is_audited(world, alice):
    """And the password alone is enough again."""
    from redound.console.accounts.models import AuditEntry

    browser = Browser("alice@example.com")
    set_up(browser)
    assert browser.post("/accounts/2fa/totp/deactivate/").url == "/accounts/2fa/"
    assert Browser().sign_in("alice@example.com").url == "/"
    actions = AuditEntry.objects.filter(noun="users").order_by("id").values_list("action", "by")
    assert list(actions) == [("two_factor_on", "user Alice"), ("two_factor_off", "user Alice")]


class TestRequired:
    """Whom it is required of gets nowhere without."""

    def test_by_the_installation_of_managers(self, world, ours):
        """Mia comes to the page where she sets it up, whatever she wants; then she goes on."""
        ours(require_two_factor="managers")
        person(world, "mia@example.com", "Mia")
        person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)
        browser = Browser("mia@example.com")
        for path in ("/manage/", "/manage/profile/", "/manage/people/", "/accounts/sessions/"):
            assert browser.get(path).url == ACTIVATE, path
        assert "required of you" in browser.text(ACTIVATE)
        set_up(browser)
        assert browser.get("/manage/profile/").status_code == 200
        assert Browser("alice@example.com").get("/profile/").status_code == 200

    def test_of_one_person(self, world, alice):
        """Bob asks it of Alice; a form that she sends meanwhile changes nothing."""
        browser = Browser("alice@example.com")
        type(alice).objects.update(require_two_factor=True)
        sent = browser.post("/profile/", {"name": "Mallory", "email": "alice@example.com", "theme": "auto"})
        assert sent.url == ACTIVATE
        alice.refresh_from_db()
        assert alice.name == "Alice"
        live = browser.get("/profile/", headers={"HX-Request": "true"})
        assert (live.status_code, live["HX-Redirect"]) == (204, ACTIVATE)

    def test_it_cannot_be_turned_off(self, world, alice):
        """The page says so and does nothing."""
        from redound.console.signin import second_factors

        browser = Browser("alice@example.com")
        set_up(browser)
        type(alice).objects.update(require_two_factor=True)
        assert "cannot deactivate" in browser.post("/accounts/2fa/totp/deactivate/").content.decode()
        assert second_factors.has_one(alice)

    def test_signing_out_is_always_possible(self, world, alice):
        """Who has no phone at hand can leave."""
        browser = Browser("alice@example.com")
        type(alice).objects.update(require_two_factor=True)
        assert browser.post("/accounts/logout/").url == "/accounts/login/"
