"""People and keys from the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def test_a_key_is_printed_alone_and_not_stored(ready: Installation):
    """Bob can write KEY=$(redound key create …); the list shows only how it begins."""
    raw = ready.run("key", "create", "--manager", "Bob").stdout
    assert re.fullmatch(r"rdk_[A-Za-z0-9_-]{30,}\n", raw)
    [row] = json.loads(ready.run("key", "list", "--json").stdout)
    assert row["for"] == "Bob"
    assert raw.strip() not in json.dumps(row)
    assert raw.startswith(row["hint"])


def test_two_keys_for_bob_are_two_keys_of_one_bob(ready: Installation):
    """The manager is made once."""
    keys = {ready.run("key", "create", "--manager", "Bob").stdout for _ in range(2)}
    assert len(keys) == 2
    assert [user["name"] for user in json.loads(ready.run("user", "list", "--json").stdout)] == ["Bob"]


def test_a_key_for_nobody_is_a_usage_error(ready: Installation):
    """It must be said whom the key acts for."""
    assert "--manager NAME or --affiliate" in ready.run("key", "create", code=2).stderr


def test_a_key_for_an_unknown_affiliate_is_refused(ready: Installation):
    """No key is made for a mistyped ID."""
    done = ready.run("key", "create", "--affiliate", "aff_nobody", code=1)
    assert "aff_nobody" in done.stderr
    assert ready.run("key", "list").stdout == ""


def test_a_revoked_key_says_so(ready: Installation):
    """Without a terminal a confirmation must be given beforehand."""
    ready.run("key", "create", "--manager", "Bob")
    [row] = json.loads(ready.run("key", "list", "--json").stdout)
    assert "--yes" in ready.run("key", "revoke", row["id"], code=2).stderr
    ready.run("key", "revoke", row["id"], "--yes")
    [row] = json.loads(ready.run("key", "list", "--json").stdout)
    assert row["revoked_at"] is not None


def test_a_person_gets_the_password_from_standard_input(ready: Installation):
    """A script makes Carol an operator; the same address cannot be taken twice."""
    arguments = ("user", "create", "carol@example.com", "--name", "Carol", "--role", "operator")
    made = ready.run(*arguments, stdin="correct horse battery\n").stdout.strip()
    assert made.startswith("usr_")
    [row] = json.loads(ready.run("user", "list", "--json").stdout)
    assert (row["id"], row["email"], row["role"]) == (made, "carol@example.com", "operator")
    assert "exists already" in ready.run(*arguments, stdin="x\n", code=1).stderr
    ready.run("user", "password", "CAROL@example.com", stdin="another horse\n")
