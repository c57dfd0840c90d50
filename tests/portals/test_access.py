"""Every address of the console × every person × method: who gets in, who does not, and that nothing happened.

The addresses come from the URLconf, what is expected from the table in `access.py`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.portals.access import AFFILIATE, MANAGER, OUTSIDE, SHARED, Row, Things
from tests.portals.browsing import PASSWORD, Browser, person

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES: dict[str, dict[str, Row]] = {
    "affiliate": SHARED | AFFILIATE,
    "manager": SHARED | MANAGER,
}
ROOTS = {"affiliate": "", "manager": "/manage"}
LOGIN = "/accounts/login/"
REFUSED_BY_METHOD = 405
LED_HOME = {"bob as alice": ("profile", "notification")}
"""Who is led to a page of their own instead, from addresses whose names begin so."""
VOLATILE = {"django_session", "usersessions_usersession", "kept", "workers", "config_version"}
"""Tables that reading alone may change."""


def routes(namespace: str) -> Iterator[Any]:
    """Yield the patterns of a namespace, those inside of included lists too."""
    from django.urls import get_resolver

    for resolver in get_resolver().url_patterns:
        if (getattr(resolver, "namespace", None) or "") == namespace and hasattr(resolver, "url_patterns"):
            yield from resolver.url_patterns


def address(namespace: str, name: str, row: Row, things: Things) -> str:
    """Return the address with Alice's IDs in it."""
    from django.urls import reverse

    return reverse(f"{namespace}:{name}", args=[things(part) for part in row.of.split(",") if part])


def rows_of(portal: str) -> dict[str, Row]:
    """Return the rows whose addresses there are; what is missing is the first test's affair."""
    there = {route.name for route in routes(portal)}
    return {name: row for name, row in TABLES[portal].items() if name in there}


@pytest.mark.parametrize("portal", TABLES)
def test_every_address_has_a_row(portal, world):
    """A new page cannot be forgotten, nor a row outlive its page."""
    found = {route.name for route in routes(portal)}
    assert (found - TABLES[portal].keys(), TABLES[portal].keys() - found) == (set(), set())


def test_every_address_outside_of_the_portals_has_a_row(world):
    """As above; the API and the backoffice have tests of their own."""
    assert {route.name for route in routes("")} == OUTSIDE.keys()


class Cast:
    """The people, each with a browser of their own."""

    def __init__(self, world: Any) -> None:
        from redound.console.catalog.models import Affiliate

        self.world = world
        person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)
        person(world, "charlie@example.com", "Charlie", affiliate_id=world.charlie_id)
        off = Affiliate.objects.create(name="Dana", postbacks_enabled=False)
        person(world, "dana@example.com", "Dana", affiliate_id=off.pk)
        world.bob_user.set_password(PASSWORD)
        world.bob_user.save()

    def browser(self, who: str) -> Browser:
        """Return the browser of "a stranger", "alice", "charlie", "dana", "bob" or "bob as alice"."""
        if who == "a stranger":
            return Browser()
        browser = Browser(f"{who.split(maxsplit=1)[0]}@example.com")
        browser.client.raise_request_exception = False  # an error is a 500 in the list of what is wrong
        if who == "bob as alice":
            assert browser.post(f"/manage/affiliates/{self.world.alice_id}/view-as/").status_code == 302
        return browser


def refusal(who: str, portal: str, row: Row) -> set[int]:
    """Return with what a person is refused, whatever the method; nothing for who may."""
    if who == "a stranger" or (who, portal) == ("bob", "affiliate"):
        return {302}
    if portal == "manager":
        return set() if who.startswith("bob") else {403}
    if row.managers:
        return {403, 404} if row.of else {403}
    if who == "dana" and row.postbacks:
        return {403}
    return {404} if who in {"charlie", "dana"} and row.of and not row.everybodys else set()


def expected(who: str, portal: str, row: Row) -> set[int]:
    """Return what GET may answer. Whether the method or the person is looked at first is left open."""
    refused = refusal(who, portal, row)
    return refused | {REFUSED_BY_METHOD} if row.posts else refused or {row.get}


def everything() -> dict[str, str]:
    """Return a digest of each table's rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in VOLATILE]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT * FROM "{name}"')
            rows = sorted(map(repr, cursor.fetchall()))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


PEOPLE = ("a stranger", "alice", "charlie", "dana", "bob", "bob as alice")


@pytest.mark.parametrize("portal", TABLES)
@pytest.mark.parametrize("who", PEOPLE)
def test_pages_open_for_those_whose_they_are(world, who, portal):
    """GET by everybody: a page, a refusal, or the way to one's own portal; never an error, never a leak."""
    cast, things = Cast(world), Things(world)
    browser, wrong = cast.browser(who), []
    for name, row in rows_of(portal).items():
        path = address(portal, name, row, things)
        answer = browser.get(path)
        wanted = expected(who, portal, row) | ({302} if name.startswith(LED_HOME.get(who, ())) else set())
        if answer.status_code not in wanted:
            wrong.append((name, answer.status_code, wanted))
        if answer.status_code == 302 and who == "a stranger" and not answer["Location"].startswith(LOGIN):
            wrong.append((name, "leads a stranger to", answer["Location"]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("portal", TABLES)
@pytest.mark.parametrize("who", PEOPLE)
def test_nothing_happens_for_who_may_not(world, who, portal):
    """POST, PUT, PATCH and DELETE by those who are refused; then every table is as it was."""
    cast, things = Cast(world), Things(world)
    browser, wrong = cast.browser(who), []
    rows = {name: row for name, row in rows_of(portal).items() if refusal(who, portal, row)}
    paths = {name: address(portal, name, row, things) for name, row in rows.items()}
    before = everything()
    for name, path in paths.items():
        wanted = refusal(who, portal, rows[name])
        for method in ("post", "put", "patch", "delete"):
            answer = browser.send(method, path)
            allowed = wanted | ({REFUSED_BY_METHOD} if method != "post" or rows[name].reads else set())
            if answer.status_code not in allowed:
                wrong.append((method, name, answer.status_code, allowed))
    assert not wrong, "\n".join(map(str, wrong))
    after = everything()
    assert [table for table in before if before[table] != after[table]] == []


@pytest.mark.parametrize(
    ("who", "portal"), [("alice", "affiliate"), ("bob as alice", "affiliate"), ("bob", "manager")]
)
def test_an_empty_form_breaks_nothing(world, who, portal):
    """POST without a field by those who may: refused in words or done, never an error. Rolled back."""
    from django.db import transaction

    cast, things = Cast(world), Things(world)
    browser, wrong = cast.browser(who), []
    for name, row in rows_of(portal).items():
        path = address(portal, name, row, things)
        with transaction.atomic():
            answer = browser.post(path)
            transaction.set_rollback(True)
        if answer.status_code >= 500 or (answer.status_code in {401, 403} and not refusal(who, portal, row)):
            wrong.append((name, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("who", "portal"), [("alice", "affiliate"), ("bob", "manager")])
def test_what_is_worth_protecting_asks_again(world, who, portal):
    """After 15 minutes the addresses that say so lead to the password, and nothing is done before."""
    cast, things = Cast(world), Things(world)
    browser, asking = cast.browser(who), set()
    paths = {name: address(portal, name, row, things) for name, row in rows_of(portal).items()}
    guarded = {name for name, row in rows_of(portal).items() if row.sudo}
    browser.forget_sudo()
    before = everything()
    for name in sorted(guarded):
        answer = browser.post(paths[name])
        if answer.status_code == 302 and "/reauthenticate/" in answer["Location"]:
            asking.add(name)
    assert asking == guarded
    after = everything()
    assert [table for table in before if before[table] != after[table]] == []


@pytest.mark.parametrize("who", ["a stranger", "alice", "bob"])
def test_addresses_outside_of_the_portals(world, who):
    """GET by a stranger and by people who are signed in."""
    from django.urls import reverse

    cast, wrong = Cast(world), []
    values = {"uidb36": "usr_nobody", "key": "no-token", "row_id": 1, "token": "no-token"}
    for route in routes(""):
        pattern = route.pattern
        names = list(pattern.converters) or list(pattern.regex.groupindex)
        answer = cast.browser(who).get(reverse(route.name, kwargs={name: values[name] for name in names}))
        wanted = OUTSIDE[route.name][who != "a stranger"]
        if answer.status_code != wanted:
            wrong.append((route.name, answer.status_code, wanted))
    assert not wrong, "\n".join(map(str, wrong))
