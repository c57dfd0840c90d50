"""The profile, language and theme; sessions; view as; API keys."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.console.people import Person
from tests.portals.browsing import PASSWORD, Browser, person

PROFILE = {"name": "Alice", "email": "alice@example.com", "language": "", "time_zone": "", "theme": "auto"}


@pytest.fixture
def alice(world):
    """Alice, who signs in for her affiliate."""
    return person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)


@pytest.fixture
def browser(alice):
    """Alice's browser."""
    return Browser("alice@example.com")


@pytest.fixture
def bob(world):
    """Bob's browser."""
    world.bob_user.set_password(PASSWORD)
    world.bob_user.save()
    return Browser("bob@example.com")


def test_alice_says_how_she_sees_the_pages(alice, browser):
    """Language and theme at once, for the next sign-in too."""
    changes = {"name": "Alice L.", "language": "ru", "time_zone": "Europe/Riga", "theme": "dark"}
    assert browser.post("/profile/", PROFILE | changes).url == "/profile/"
    alice.refresh_from_db()
    seen = (alice.name, alice.language, alice.time_zone, alice.theme)
    assert seen == ("Alice L.", "ru", "Europe/Riga", "dark")
    page = browser.text("/profile/")
    assert '<html lang="ru" data-theme="dark">' in page
    assert "Europe/Riga" in page
    browser.post("/accounts/logout/")
    assert '<html lang="ru" data-theme="dark">' in browser.text("/accounts/login/")


def test_a_theme_comes_along_to_another_browser(alice, browser):
    """It is kept with the person, not with the browser alone."""
    browser.post("/profile/", PROFILE | {"theme": "dark"})
    assert 'data-theme="dark"' in Browser("alice@example.com").text("/profile/")


@pytest.mark.parametrize(
    "change",
    [
        *({"name": ""}, {"name": "x" * 201}, {"email": "nobody"}, {"email": "BOB@example.com"}),
        *({"language": "xx"}, {"time_zone": "Mars/Base"}, {"time_zone": "../etc/passwd"}, {"theme": "pink"}),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(alice, browser, change):
    """And nothing is saved."""
    answer = browser.post("/profile/", PROFILE | {"name": "Changed"} | change)
    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("Alice", "alice@example.com")


def test_what_a_person_types_is_text(alice, browser):
    """A name full of HTML is shown as it is."""
    hostile = '"><script>alert(1)</script>'
    browser.post("/profile/", PROFILE | {"name": hostile})
    page = browser.text("/profile/")
    assert "<script>alert" not in page
    assert hostile in unescape(page)


def test_a_new_address_wants_a_fresh_password(alice, browser):
    """Then the form that was sent is taken up."""
    browser.forget_sudo()
    assert browser.post("/profile/", PROFILE | {"name": "Alice L."}).url == "/profile/"
    asked = browser.post("/profile/", PROFILE | {"email": "New@Example.com"})
    assert asked.url.startswith("/accounts/reauthenticate/")
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert browser.post(asked.url, {"password": PASSWORD}).url == "/profile/"
    alice.refresh_from_db()
    assert alice.email == "new@example.com"
    assert Browser().sign_in("alice@example.com").status_code == 200
    assert Browser().sign_in("new@example.com").url == "/"


def test_the_role_is_not_a_field_of_the_form(alice, browser):
    """Alice makes herself a manager in vain."""
    browser.post("/profile/", PROFILE | {"role": "manager", "is_superuser": "on", "affiliate": ""})
    alice.refresh_from_db()
    assert (alice.role, alice.is_superuser) == ("affiliate", False)


@pytest.mark.parametrize(("header", "language"), [("ru-RU,ru;q=0.9", "ru"), ("de", "en"), ("", "en")])
def test_before_sign_in_the_browser_decides(world, header, language):
    """Accept-Language; English when we have none of it."""
    page = Browser().get("/accounts/login/", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in page.content.decode()
    assert "Accept-Language" in page["Vary"]


def test_language_and_theme_can_be_chosen_before_sign_in(world):
    """On the sign-in page itself; nothing but these is taken, and it leads back."""
    browser = Browser()
    form = {"language": "ru", "theme": "dark", "next": "/accounts/login/"}
    assert browser.post("/preferences/", form).url == "/accounts/login/"
    assert '<html lang="ru" data-theme="dark">' in browser.text("/accounts/login/")
    browser.post("/preferences/", {"language": "xx", "theme": "pink"})
    assert '<html lang="ru" data-theme="dark">' in browser.text("/accounts/login/")
    assert browser.post("/preferences/", {"theme": "light", "next": "https://evil.example/"}).url == "/"
    assert browser.get("/preferences/").status_code == 405


def test_pages_of_accounts_keep_to_their_budgets(world, alice, bob, queries):
    """However many people and keys there are."""
    from redound.console.accounts.keys import issue_key

    for number in range(12):
        person(world, f"p{number}@example.com", f"P{number}", affiliate_id=world.alice_id)
        issue_key(f"key {number}", user=world.bob_user)
    queries("profile", lambda: bob.get("/manage/profile/"))
    queries("people", lambda: bob.get("/manage/people/"))
    queries("person", lambda: bob.get(f"/manage/people/{alice.pk}/"))
    queries("api keys", lambda: bob.get("/manage/api-keys/"))


class TestPassword:
    """Changing it."""

    def test_it_ends_the_other_sessions(self, alice, browser):
        """This one goes on."""
        other = Browser("alice@example.com")
        form = {"oldpassword": PASSWORD, "password1": "another horse 7", "password2": "another horse 7"}
        assert browser.post("/accounts/password/change/", form).url == "/profile/"
        assert browser.get("/profile/").status_code == 200
        assert other.get("/profile/").status_code == 302
        assert browser.text("/accounts/sessions/").count("This one") == 1
        assert Browser().sign_in("alice@example.com").status_code == 200

    @pytest.mark.parametrize(
        "form",
        [
            {"oldpassword": "wrong", "password1": "another horse 7", "password2": "another horse 7"},
            {"oldpassword": PASSWORD, "password1": "another horse 7", "password2": "another horse"},
            {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345678"},
            {"oldpassword": PASSWORD, "password1": "alice@example", "password2": "alice@example"},
        ],
    )
    def test_what_is_refused(self, alice, browser, form):
        """The old one stays good."""
        assert browser.post("/accounts/password/change/", form).status_code == 200
        assert Browser().sign_in("alice@example.com").url == "/"


class TestSessions:
    """Where somebody is signed in."""

    def test_they_are_listed_and_ended_one_by_one(self, alice, browser):
        """Alice forgot to sign out in a café."""
        cafe = Browser("alice@example.com", ip="203.0.113.7")
        page = browser.text("/accounts/sessions/")
        assert "203.0.113.7" in page
        (end,) = re.findall(r"/accounts/sessions/\d+/end/", page)
        assert browser.post(end).url == "/accounts/sessions/"
        assert cafe.get("/profile/").status_code == 302
        assert browser.get("/profile/").status_code == 200

    @pytest.mark.parametrize(
        ("agent", "words"),
        [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge, macOS",
            ),
            ("<b>curl</b>", "<b>curl</b>"),
            ("", ""),
        ],
    )
    def test_a_browser_is_called_by_its_name(self, agent, words):
        """Or as it calls itself."""
        from redound.console.signin.devices import in_words

        assert in_words(agent) == words

    def test_or_all_others_at_once(self, alice, browser):
        """But this one."""
        others = [Browser("alice@example.com") for _ in range(2)]
        browser.post("/accounts/sessions/")
        assert [other.get("/profile/").status_code for other in others] == [302, 302]
        assert browser.get("/profile/").status_code == 200

    def test_nobody_ends_somebody_elses(self, world, alice, browser, bob):
        """Their numbers can be guessed."""
        from allauth.usersessions.models import UserSession

        for session in UserSession.objects.filter(user=world.bob_user):
            browser.post(f"/accounts/sessions/{session.pk}/end/")
        assert bob.get("/manage/profile/").status_code == 200

    @pytest.mark.parametrize(("idle", "lifetime", "over"), [(3600, 86400, 3900), (86400, 3600, 3601)])
    def test_a_session_ends_by_itself(self, alice, ours, monkeypatch, idle, lifetime, over):
        """When it was idle for too long, and after its whole time however much it is used."""
        import time

        ours(session_idle_seconds=idle, session_lifetime_seconds=lifetime)
        browser = Browser("alice@example.com")
        now = time.time()
        for passed in range(0, lifetime if lifetime < idle else 1, 600):
            monkeypatch.setattr("time.time", lambda at=now + passed: at)
            assert browser.get("/profile/").status_code == 200
        monkeypatch.setattr("time.time", lambda: now + over + 1)
        assert browser.get("/profile/").status_code == 302

    def test_reading_pages_seldom_writes(self, alice, browser):
        """The time of last use is kept to five minutes."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        browser.get("/profile/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/profile/")
        assert not [each["sql"] for each in queries if not each["sql"].startswith("SELECT")]


class TestViewAs:
    """A manager looks at an affiliate's portal."""

    def test_it_begins_and_ends_in_the_audit_log(self, world, bob):
        """With a banner in between."""
        from redound.console.accounts.models import AuditEntry

        assert bob.get("/profile/").url == "/manage/"
        assert bob.post(f"/manage/affiliates/{world.alice_id}/view-as/").url == "/"
        assert "as <b>Alice</b>" in bob.text("/api-keys/")
        assert bob.post("/view-as/end/").url == "/"
        assert bob.get("/api-keys/").url == "/manage/"
        entries = AuditEntry.objects.filter(noun="affiliates", action__startswith="view").order_by("id")
        found = [(entry.action, entry.row_id, entry.by) for entry in entries]
        wanted = [(action, world.alice_id, "user Bob") for action in ("view_as", "view_as_end")]
        assert found == wanted

    def test_what_is_done_meanwhile_names_both(self, world, bob):
        """A key that Bob makes for Alice."""
        from redound.console.accounts.models import ApiKey, AuditEntry

        bob.post(f"/manage/affiliates/{world.alice_id}/view-as/")
        bob.post("/api-keys/new/", {"name": "Made by Bob", "whole": "read"})
        assert ApiKey.objects.get(name="Made by Bob").affiliate_id == world.alice_id
        entry = AuditEntry.objects.filter(noun="api_keys").order_by("-id").first()
        assert entry.by == "user Bob viewing as Alice"

    def test_bobs_profile_stays_his_own(self, world, bob):
        """He is led to it."""
        bob.post(f"/manage/affiliates/{world.alice_id}/view-as/")
        assert bob.get("/profile/").url == "/manage/profile/"
        assert 'value="bob@example.com"' in bob.text("/manage/profile/")

    def test_only_managers_and_only_what_there_is(self, world, alice, browser, bob):
        """Alice does not look at Charlie's."""
        assert browser.post(f"/manage/affiliates/{world.charlie_id}/view-as/").status_code == 403
        assert "viewing_as" not in browser.client.session
        assert bob.post(f"/manage/affiliates/aff_{'0' * 28}/view-as/").status_code == 404
        assert "viewing_as" not in bob.client.session
        assert bob.get(f"/manage/affiliates/{world.alice_id}/view-as/").status_code == 405


class TestApiKeys:
    """Made, shown once, revoked."""

    def test_a_key_is_shown_once_and_works(self, alice, browser):
        """With what was ticked, and no more."""
        form = {"name": "Script", "whole": "some", "scopes": ["offers:read"], "lifetime": "30"}
        page = unescape(browser.post("/api-keys/new/", form).content.decode())
        raw = re.search(r'id="new-key">(rdk_[\w-]+)<', page)[1]
        script = Person("script", raw)
        assert script.get("offers").status == 200
        assert script.get("postbacks").code == "scope_missing"
        later = browser.text("/api-keys/")
        assert "Script" in later
        assert raw not in later

    def test_a_revoked_key_opens_nothing(self, world, alice, browser):
        """From now on."""
        from redound.console.accounts.models import ApiKey

        key = ApiKey.objects.get(affiliate_id=world.alice_id)
        assert browser.post(f"/api-keys/{key.pk}/revoke/").url == "/api-keys/"
        assert world.alice.get("offers").code == "key_revoked"

    @pytest.mark.parametrize(
        "form",
        [
            {"name": "", "whole": "write"},
            {"name": "x", "whole": "some"},
            {"name": "x", "whole": "some", "scopes": ["users:write"]},
            {"name": "x", "whole": "everything"},
        ],
    )
    def test_what_cannot_be_is_said(self, alice, browser, form):
        """And no key is made."""
        from redound.console.accounts.models import ApiKey

        before = ApiKey.objects.count()
        answer = browser.post("/api-keys/new/", form)
        assert answer.status_code == 422
        assert ApiKey.objects.count() == before

    def test_alice_neither_sees_nor_revokes_charlies(self, world, alice, browser):
        """For her they do not exist; nor does she make one for him."""
        from redound.console.accounts.models import ApiKey

        his = ApiKey.objects.get(affiliate_id=world.charlie_id)
        assert "Charlie" not in browser.text("/api-keys/")
        assert browser.post(f"/api-keys/{his.pk}/revoke/").status_code == 404
        form = {"name": "x", "whole": "write", "affiliate_id": world.charlie_id}
        assert browser.post("/api-keys/new/", form).status_code == 422
        assert world.charlie.get("offers").status == 200

    def test_a_manager_makes_one_for_themselves_or_an_affiliate(self, world, bob):
        """And chooses whom."""
        from redound.console.accounts.models import ApiKey

        bob.post("/manage/api-keys/new/", {"name": "Mine", "whole": "write", "affiliate_id": ""})
        bob.post("/manage/api-keys/new/", {"name": "Hers", "whole": "read", "affiliate_id": world.alice_id})
        assert ApiKey.objects.get(name="Mine").user_id == world.bob_user.pk
        assert ApiKey.objects.get(name="Hers").affiliate_id == world.alice_id
        assert "Alice" in bob.text("/manage/api-keys/")

    def test_making_and_revoking_want_a_fresh_password(self, world, alice, browser):
        """The list does not: it holds no secret."""
        from redound.console.accounts.models import ApiKey

        browser.forget_sudo()
        key = ApiKey.objects.get(affiliate_id=world.alice_id)
        assert browser.get("/api-keys/").status_code == 200
        for path in ("/api-keys/new/", f"/api-keys/{key.pk}/revoke/"):
            assert browser.post(path, {"name": "x"}).url.startswith("/accounts/reauthenticate/")
        key.refresh_from_db()
        assert key.revoked_at is None
        assert not ApiKey.objects.filter(name="x").exists()
