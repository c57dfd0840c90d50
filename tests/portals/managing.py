"""Bob and Alice with browsers: what the tests of the managers' pages share."""

from __future__ import annotations

from typing import Any

from tests.portals.browsing import Browser, person


def bobs(world: Any) -> Browser:
    """Bob's browser, signed in."""
    from django.db import transaction

    with transaction.atomic():
        world.bob_user.set_password("correct horse 7")
        world.bob_user.save()
    return Browser("bob@example.com")


def alices(world: Any) -> Browser:
    """Alice's browser, signed in."""
    person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)
    return Browser("alice@example.com")


def follow(browser: Browser, answer: Any) -> str:
    """Return the page that an answer leads to."""
    assert answer.status_code == 302, (answer.status_code, answer.content[:500])
    return browser.text(answer["Location"])
