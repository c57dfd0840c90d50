"""Browsers of the people in tests, signed in: Bob the manager, Alice his affiliate, Charlie a stranger."""

from __future__ import annotations

from typing import Any

from tests.portals.browsing import Browser, person

HOSTILE = "<script>alert('x')</script>\"'{{7*7}}"


def bob(world: Any, **fields: Any) -> Browser:
    """Bob's browser."""
    if fields:
        type(world.bob_user).objects.filter(pk=world.bob_user.pk).update(**fields)
    person(world, "bob2@example.com", "Bob", **fields)
    return Browser("bob2@example.com")


def alice(world: Any, **fields: Any) -> Browser:
    """Alice's browser."""
    person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id, **fields)
    return Browser("alice@example.com")


def charlie(world: Any, **fields: Any) -> Browser:
    """Charlie's browser."""
    person(world, "charlie@example.com", "Charlie", affiliate_id=world.charlie_id, **fields)
    return Browser("charlie@example.com")


def without_postbacks(world: Any) -> None:
    """Switch postbacks off for Alice."""
    assert world.bob.patch(f"affiliates/{world.alice_id}", {"postbacks_enabled": False}).status == 200
