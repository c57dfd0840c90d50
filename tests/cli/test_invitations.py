"""Letting people in from the command line."""

from __future__ import annotations

import re
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def test_an_invitation_is_a_link_alone(ready: Installation):
    """The first manager of an installation makes their own account; a second link ends the first."""
    done = ready.run("user", "invite", "Bob@example.com", "--name", "Bob")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/accounts/invitation/[\w-]{43}/\n", done.stdout)
    assert "pass the link on" in done.stderr
    assert ready.run("user", "invite", "bob@example.com").stdout != done.stdout


def test_an_invitation_goes_with_a_role(ready: Installation):
    """An affiliate's with an affiliate that exists, and nobody is invited twice over."""
    assert "--affiliate" in ready.run("user", "invite", "a@example.com", "--role", "affiliate", code=2).stderr
    assert "aff_no" in ready.run("user", "invite", "a@example.com", "--affiliate", "aff_no", code=1).stderr
    assert "not an e-mail" in ready.run("user", "invite", "nobody", code=2).stderr
    ready.run("user", "create", "bob@example.com", stdin="correct horse 7\n")
    assert "an account already" in ready.run("user", "invite", "BOB@example.com", code=1).stderr


def test_a_reset_link_opens_the_page_of_a_running_server(ready: Installation):
    """It is made beside it, for whoever forgot their password."""
    ready.run("user", "create", "bob@example.com", stdin="correct horse 7\n")
    link = ready.run("user", "reset-link", "Bob@Example.com").stdout.strip()
    ready.start()
    path = link.partition(":8000")[2]
    with urllib.request.urlopen(  # noqa: S310 - our own server
        urllib.request.Request(f"{ready.base_url}{path}", method="GET")  # noqa: S310 - as above
    ) as page:
        assert page.url.endswith("-set-password/")


def test_nobody_is_helped_who_is_not_there(ready: Installation):
    """With the command that shows everybody."""
    for command in ("reset-link", "reset-two-factor"):
        assert "redound user list" in ready.run("user", command, "zoe@example.com", code=1).stderr
    ready.run("user", "create", "bob@example.com", stdin="correct horse 7\n")
    assert "no second factor" in ready.run("user", "reset-two-factor", "bob@example.com", "--yes").stderr
