"""What every answer tells the browser to refuse, and who is let near it at all."""

from __future__ import annotations

import pytest

from tests.portals.browsing import Browser, person

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PAGES = (
    *("/accounts/login/", "/profile/", "/manage/profile/", "/nothing/here/", "/accounts/password/reset/"),
    *("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/offers", "/backoffice/"),
)


@pytest.fixture
def browser(world):
    """The browser of Olga, who may see all of it."""
    person(world, "olga@example.com", "Olga", role="operator", is_staff=True, is_superuser=True)
    return Browser("olga@example.com")


def policy(answer):
    """Return the directives of an answer's policy."""
    parts = [part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; ")]
    return dict(parts)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_anything_of_others(browser, path):
    """One policy for all: the portals, the API's documentation and the backoffice. Nothing unsafe in it."""
    answer = browser.get(path)
    assert policy(answer) == POLICY
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_framed_embedded_sniffed_or_told_on(browser, path):
    """Older browsers and the newer isolation alike."""
    answer = browser.get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("path", ["/profile/", "/manage/profile/", "/manage/people/", "/accounts/sessions/"])
def test_pages_of_a_person_are_kept_nowhere(browser, path):
    """Neither by a proxy nor by the back button of the next one at the machine."""
    assert browser.get(path)["Cache-Control"] == "no-store"


def test_files_are_guarded_as_pages_are(world):
    """A stylesheet or icon is loaded by no other site."""
    answer = Browser().get("/static/redound/app.css")
    assert answer.status_code == 200
    assert policy(answer) == POLICY
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_cookies_are_out_of_reach_for_scripts(browser):
    """And go along to no other site."""
    browser.post("/preferences/", {"language": "en"})
    kept = {name: cookie for name, cookie in browser.client.cookies.items() if cookie["path"]}
    assert {"redound_session", "redound_language", "redound_devices"} <= kept.keys()
    for name in ("redound_session", "redound_language", "redound_devices"):
        assert (kept[name]["httponly"], kept[name]["samesite"]) == (True, "Lax"), name
        assert not kept[name]["domain"]


@pytest.mark.parametrize(
    "host", ["evil.example", "console.test.evil.example", "console.test:80@evil.example", "track.test", ""]
)
def test_only_our_own_host_names_are_answered(world, host):
    """A forged Host never gets into a page or a mail."""
    answer = Browser().client.get("/accounts/login/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/manage/people/?q=%00", "/manage/people/%00/reset/", "/profile/?next=a%00b"]
)
def test_an_address_with_a_nul_character_is_refused(browser, path):
    """PostgreSQL cannot be asked for it, so no page is."""
    assert browser.get(path).status_code == 400


def test_passwords_are_stored_slowly(world):
    """The hasher of an installation is Django's first, with its work factor (tests use a fast one)."""
    from django.conf import global_settings

    from redound.console import settings as ours

    assert not hasattr(ours, "PASSWORD_HASHERS")
    assert global_settings.PASSWORD_HASHERS[0].endswith("PBKDF2PasswordHasher")


def test_sessions_are_neither_pickled_nor_readable_at_rest(browser):
    """In a copy of the database the rows say nothing."""
    from django.contrib.sessions.models import Session
    from django.core.signing import loads

    row = Session.objects.get(session_key=browser.session_key)
    salt = "django.contrib.sessions.SessionStore"

    class Raw:
        """Shows what is inside of the signature."""

        def loads(self, data):
            """As it is."""
            return data

    inside = loads(row.session_data, salt=salt, serializer=Raw)
    assert inside.startswith(b"v1.")
    assert b"_auth_user_id" not in inside


def test_a_session_sealed_by_another_key_is_no_session(browser):
    """It is as if nobody were signed in, and no error."""
    import dataclasses

    from redound.console import runtime
    from tests.console.conftest import SECRET_KEY

    assert browser.get("/manage/profile/").status_code == 200
    runtime.start(dataclasses.replace(runtime.settings(), secret_key=SECRET_KEY + " but another"))
    assert browser.get("/manage/profile/").status_code == 302
