"""A real server behind a proxy that speaks HTTPS: cookies of this host alone, no way back to HTTP."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from tests.journeys.conftest import empty

if TYPE_CHECKING:
    from tests.journeys.process import Installation

__all__ = ["empty"]

HTTPS = {"REDOUND_BASE_URL": "https://postbacks.test", "REDOUND_TRUSTED_PROXIES": "127.0.0.0/8"}
FORWARDED = {"Host": "postbacks.test", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


def ask(installation, method, path, body=None, **headers):
    """Send one request as the proxy does; return the answer."""
    connection = http.client.HTTPConnection(urlsplit(installation.base_url).netloc, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, urlencode(body or {}), {**FORWARDED, **form, **headers})
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_cookies_belong_to_this_host_over_tls(empty: Installation):
    """Bob signs in: each cookie has the prefix that browsers enforce; the Host is checked as ever."""
    empty.settings = empty.settings | HTTPS
    empty.run("user", "create", "bob@example.com", "--role", "manager", stdin="correct horse 7\n")
    empty.start()
    page = ask(empty, "GET", "/accounts/login/")
    assert page.status == 200
    assert page.getheader("Strict-Transport-Security", "").startswith("max-age=31536000")
    (csrf,) = re.findall(r"__Host-csrf=(\w+)", page.getheader("Set-Cookie"))
    form = {"login": "bob@example.com", "password": "correct horse 7", "csrfmiddlewaretoken": csrf}
    headers = {"Cookie": f"__Host-csrf={csrf}", "Origin": "https://postbacks.test"}
    elsewhere = ask(empty, "POST", "/accounts/login/", form, **headers | {"Origin": "https://evil.test"})
    assert elsewhere.status == 403
    done = ask(empty, "POST", "/accounts/login/", form, **headers)
    assert (done.status, done.getheader("Location")) == (302, "/manage/")
    cookies = done.headers.get_all("Set-Cookie")
    named = {cookie.partition("=")[0] for cookie in cookies}
    assert {"__Host-session", "__Host-csrf", "__Host-devices"} <= named
    assert all("Secure" in each and "Path=/" in each and "Domain" not in each for each in cookies)
    session = next(re.match(r"__Host-session=(\w+)", each)[0] for each in cookies if "session" in each)
    sessions = ask(empty, "GET", "/accounts/sessions/", Cookie=session)
    assert "203.0.113.9" in sessions.text
    assert ask(empty, "GET", "/accounts/login/", Host="evil.test").status == 400
