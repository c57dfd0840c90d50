"""Signing in: where it leads, what it refuses, and what it does not tell."""

from __future__ import annotations

import pytest

from tests.portals.browsing import PASSWORD, Browser, person

SIGN_IN = "/accounts/login/"


@pytest.fixture
def alice(world):
    """Alice, who signs in for her affiliate."""
    return person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)


@pytest.fixture
def bob(world):
    """Bob the manager, with a password."""
    world.bob_user.set_password(PASSWORD)
    world.bob_user.save()
    return world.bob_user


def test_a_stranger_is_led_to_sign_in_and_then_to_where_they_wanted(world, alice):
    """Alice follows a link to her profile."""
    browser = Browser()
    asked = browser.get("/profile/")
    assert asked.url == f"{SIGN_IN}?next=/profile/"
    answer = browser.post(
        asked.url, {"login": "alice@example.com", "password": PASSWORD, "next": "/profile/"}
    )
    assert answer.url == "/profile/"
    assert browser.get("/profile/").status_code == 200


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(world, alice):
    """Alice's session ended while a list was open; the answer is not put into the middle of it."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://console.test/deliveries/?state=failed"}
    answer = Browser().get("/deliveries/rows/", headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=%2Fdeliveries%2F%3Fstate%3Dfailed"
    answer = Browser().get(
        "/deliveries/rows/", headers=headers | {"HX-Current-URL": "https://evil.example//x"}
    )
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=%2F"


def test_everybody_lands_in_their_own_portal(world, alice, bob):
    """Affiliates at the root, managers under /manage/."""
    assert Browser().sign_in("alice@example.com").url == "/"
    assert Browser().sign_in("bob@example.com").url == "/manage/"


@pytest.mark.parametrize("address", ["Alice@Example.com", " alice@example.com "])
def test_an_address_has_no_case(world, alice, address):
    """However it is typed."""
    assert Browser().sign_in(address).url == "/"


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"),
        *("http://console.test/profile/", "http://track.test/", "\t//evil.example"),
    ],
)
def test_sign_in_leads_nowhere_but_to_our_own_paths(world, alice, wanted):
    """`next` may be written by anybody."""
    form = {"login": "alice@example.com", "password": PASSWORD, "next": wanted}
    assert Browser().post(SIGN_IN, form).url == "/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(world, alice):
    """Nobody learns who has an account."""
    wrong, unknown = (
        Browser().post(SIGN_IN, {"login": login, "password": "not it"})
        for login in ("alice@example.com", "zoe@example.com")
    )
    assert wrong.status_code == unknown.status_code == 200
    assert "not correct" in wrong.content.decode()
    assert "not correct" in unknown.content.decode()


def test_nobody_signs_up(world):
    """There is no such page."""
    assert Browser().get("/accounts/signup/").status_code == 404


def test_who_is_switched_off_stays_outside(world, alice):
    """With the right password they are told."""
    alice.is_active = False
    alice.save()
    browser = Browser()
    assert browser.sign_in("alice@example.com").url == "/accounts/inactive/"
    assert browser.get("/profile/").status_code == 302


def test_switching_off_ends_a_session_at_once(world, alice):
    """The next page asks to sign in."""
    browser = Browser("alice@example.com")
    assert browser.get("/profile/").status_code == 200
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert browser.get("/profile/").status_code == 302


def test_signing_in_begins_a_session_of_another_key(world, alice):
    """A key that somebody planted before is worth nothing after."""
    from redound.console.accounts.callers import Caller
    from redound.console.signin import invitations

    browser = Browser()
    browser.get(SIGN_IN)
    invited = invitations.invite(Caller(by="test"), "zoe@example.com", role="manager")
    browser.get(invited.link.removeprefix("http://console.test"))
    before = browser.session_key
    browser.sign_in("alice@example.com")
    assert before
    assert browser.session_key not in {None, before}


def test_strangers_leave_nothing_in_the_database(world):
    """Neither the sign-in page nor a made-up invitation begins a session."""
    from django.contrib.sessions.models import Session

    browser = Browser()
    for path in (SIGN_IN, "/accounts/invitation/whatever/", "/accounts/password/reset/", "/profile/"):
        browser.get(path)
    browser.sign_in("zoe@example.com")
    assert not Session.objects.exists()


def test_a_peer_without_an_address_signs_in_too(world, alice):
    """A proxy speaks over a socket and names nobody."""
    assert Browser(ip="").sign_in("alice@example.com").url == "/"
    assert Browser(ip="fe80::1%eth0").sign_in("alice@example.com").url == "/"
    assert Browser(ip="unix:").sign_in("alice@example.com").url == "/"


def test_sessions_that_are_over_are_forgotten(world, alice):
    """Now and then, when somebody signs in."""
    from datetime import timedelta

    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from redound.console.signin import visits

    browsers = [Browser("alice@example.com") for _ in range(2)]
    Session.objects.filter(pk=browsers[0].session_key).update(expire_date=timezone.now() - timedelta(days=1))
    visits.tidy()
    assert [row.pk for row in Session.objects.all()] == [browsers[1].session_key]
    assert [row.session_key for row in UserSession.objects.all()] == [browsers[1].session_key]


def test_signing_out_takes_a_post(world, alice):
    """A picture on another site cannot do it."""
    browser = Browser("alice@example.com")
    assert "Sign out" in browser.get("/accounts/logout/").content.decode()
    assert browser.get("/profile/").status_code == 200
    assert browser.post("/accounts/logout/").url == SIGN_IN
    assert browser.get("/profile/").status_code == 302


def test_no_form_works_without_its_token(world, alice):
    """Cross-site posts are refused, and nothing happens."""
    from django.test import Client

    client = Client(enforce_csrf_checks=True, SERVER_NAME="console.test")
    answer = client.post(SIGN_IN, {"login": "alice@example.com", "password": PASSWORD})
    assert answer.status_code == 403
    assert client.get("/profile/").status_code == 302


class TestThrottling:
    """Guessing is slow, and nobody is locked out by strangers."""

    @staticmethod
    def guess(browser, times, address="alice@example.com"):
        """Type wrong passwords."""
        for _ in range(times):
            answer = browser.post(SIGN_IN, {"login": address, "password": "wrong"})
        return answer.content.decode()

    def test_five_guesses_at_an_address_from_one_network(self, world, alice):
        """Then even the right one is refused there; elsewhere Alice gets in."""
        attacker = Browser(ip="203.0.113.7")
        assert "not correct" in self.guess(attacker, 5)
        assert "Too many" in self.guess(attacker, 1)
        assert "Too many" in attacker.sign_in("alice@example.com").content.decode()
        assert Browser(ip="198.51.100.1").sign_in("alice@example.com").url == "/"

    def test_it_is_over_after_five_minutes(self, world, alice, monkeypatch):
        """The window slides."""
        import time

        browser = Browser(ip="203.0.113.7")
        self.guess(browser, 6)
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + 301)
        assert browser.sign_in("alice@example.com").url == "/"

    def test_twenty_guesses_from_one_network_at_whatever_address(self, world, alice):
        """Somebody tries one password with many addresses."""
        attacker = Browser(ip="203.0.113.7")
        for number in range(20):
            self.guess(attacker, 1, f"person{number}@example.com")
        assert "Too many" in attacker.sign_in("alice@example.com").content.decode()

    def test_many_networks_together_do_not_lock_out_a_browser_that_is_known(self, world, alice, change):
        """Alice signed in there before; a browser that she never used waits."""
        from django.conf import settings

        change(ACCOUNT_RATE_LIMITS={**settings.ACCOUNT_RATE_LIMITS, "login_failed_everywhere": "6/h/key"})
        known = Browser("alice@example.com")
        known.post("/accounts/logout/")
        for number in range(6):
            self.guess(Browser(ip=f"203.0.113.{number}"), 1)
        assert "Too many" in Browser(ip="198.51.100.1").sign_in("alice@example.com").content.decode()
        assert known.sign_in("alice@example.com").url == "/"

    def test_a_known_browser_may_not_guess_without_end_either(self, world, alice):
        """It is counted by itself."""
        known = Browser("alice@example.com")
        known.post("/accounts/logout/")
        assert "Too many" in self.guess(known, 6)

    def test_a_success_is_not_counted(self, world, alice):
        """Signing in and out all day is no attack."""
        browser = Browser()
        for _ in range(7):
            assert browser.sign_in("alice@example.com").url == "/"
            browser.post("/accounts/logout/")


class TestReset:
    """A forgotten password."""

    def test_without_mail_the_page_says_whom_to_ask(self, world, alice):
        """No form that would do nothing."""
        text = Browser().get("/accounts/password/reset/").content.decode()
        assert "Ask your manager" in text
        assert '<input type="email"' not in text

    def test_a_link_comes_by_mail_and_works_once(self, world, alice, mail):
        """Alice sets a new password; her other sessions end."""
        elsewhere = Browser("alice@example.com")
        browser = Browser()
        browser.post("/accounts/password/reset/", {"email": "alice@example.com"})
        (link,) = mail.links("alice@example.com")
        assert link.startswith("http://console.test/accounts/password/reset/key/")
        page = browser.get(link.removeprefix("http://console.test"), follow=True)
        where = page.redirect_chain[-1][0]
        assert where.endswith("-set-password/")
        done = browser.post(where, {"password1": "another horse 7", "password2": "another horse 7"})
        assert done.url == "/accounts/password/reset/key/done/"
        assert elsewhere.get("/profile/").status_code == 302
        assert browser.sign_in("alice@example.com", "another horse 7").url == "/"
        again = Browser().get(link.removeprefix("http://console.test"), follow=True)
        assert "works no more" in again.content.decode()

    def test_an_unknown_address_is_sent_nothing_and_told_the_same(self, world, alice, mail):
        """Nobody learns who has an account."""
        answer = Browser().post("/accounts/password/reset/", {"email": "zoe@example.com"})
        assert answer.url == "/accounts/password/reset/done/"
        assert mail.sent == []

    def test_the_link_names_the_configured_host_whatever_was_asked_for(self, world, alice, mail):
        """A forged Host header does not send Alice elsewhere."""
        browser = Browser()
        browser.client.defaults["SERVER_NAME"] = "127.0.0.1"
        browser.post("/accounts/password/reset/", {"email": "alice@example.com"})
        assert mail.links("alice@example.com")[0].startswith("http://console.test/")

    def test_a_mail_server_in_trouble_breaks_no_page(self, world, alice, mail):
        """It is logged; the person is told the same."""
        mail.broken = True
        answer = Browser().post("/accounts/password/reset/", {"email": "alice@example.com"})
        assert answer.url == "/accounts/password/reset/done/"
