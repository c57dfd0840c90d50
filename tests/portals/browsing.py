"""Browsers of the people in tests: a Django client that signs in as people do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "correct horse 7"
HOST = "console.test"


def person(world: Any, email: str, name: str, *, affiliate_id: str | None = None, **fields: Any) -> Any:
    """Make somebody who can sign in: of an affiliate, else a manager."""
    from redound.console.accounts.models import User

    role = {"role": "affiliate", "affiliate_id": affiliate_id} if affiliate_id else {"role": "manager"}
    return User.objects.create_user(email, PASSWORD, name=name, **(role | fields))


class Browser:
    """One browser: cookies, an address it comes from, and optionally somebody who is signed in."""

    def __init__(self, email: str = "", password: str = PASSWORD, *, ip: str = "192.0.2.1") -> None:
        from django.test import Client

        from tests.console.people import handler

        self.client = Client(raise_request_exception=True, SERVER_NAME=HOST, REMOTE_ADDR=ip)
        self.client.handler = handler()
        if email:
            assert self.sign_in(email, password).status_code == 302

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        """Fill in the form."""
        return self.post("/accounts/login/", {"login": email, "password": password})

    def get(self, path: str, **options: Any) -> Any:
        """GET."""
        return self.client.get(path, **options)

    def post(self, path: str, form: Any = None, **options: Any) -> Any:
        """POST a form with its token, as pages put it into each."""
        return self.client.post(
            path, form or {}, headers=self._token() | options.pop("headers", {}), **options
        )

    def send(self, method: str, path: str) -> Any:
        """Send a request of any method, with the token and an empty body."""
        return getattr(self.client, method)(path, headers=self._token())

    def _token(self) -> dict[str, str]:
        from django.conf import settings

        if settings.CSRF_COOKIE_NAME not in self.client.cookies:
            self.client.cookies[settings.CSRF_COOKIE_NAME] = "t" * 32
        return {"X-CSRFToken": self.client.cookies[settings.CSRF_COOKIE_NAME].value}

    def text(self, path: str) -> str:
        """Return a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.get("Location"))
        return answer.content.decode()

    @property
    def session_key(self) -> str | None:
        """The session's key, as the cookie has it."""
        from django.conf import settings

        cookie = self.client.cookies.get(settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie is not None and cookie.value else None

    def forget_sudo(self) -> None:
        """Let the time pass after which a password is asked for again."""
        session = self.client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 16 * 60
        session.save()


@dataclass
class Mail:
    """Mails that were sent, `broken` makes the server refuse them."""

    sent: list[Any] = field(default_factory=list)
    broken: bool = False

    def links(self, address: str) -> list[str]:
        """Return the links in the mails to an address."""
        texts = [mail.body for mail in self.sent if address in mail.to]
        return [link for text in texts for link in re.findall(r"https?://\S+/accounts/\S+", text)]
