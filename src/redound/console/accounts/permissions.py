"""Who may do what, in one table. Which rows of a noun somebody sees is the affair of its `visible` set."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from redound.console.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller

AFFILIATES_MAY: Mapping[str, str] = MappingProxyType(
    {
        "brands": "read",
        "offers": "read",
        "goals": "read",
        "affiliates": "read",
        "campaigns": "write",
        "links": "write",
        "postbacks": "write",
        "clicks": "write",
        "reports": "read",
        "conversions": "read",
        "deliveries": "write",
        "attempts": "read",
        "incidents": "read",
        "notifications": "write",
        "notification-channels": "write",
        "notification-preferences": "write",
        "api-keys": "write",
        "reward-plans": "read",
        "players": "read",
        "statistics": "read",
        "trace": "read",
        "preview": "write",
        "lint": "write",
        "parse": "write",
        "translate": "write",
        "gallery": "write",
        "bins": "write",
    }
)
"""What an affiliate may do to their own things; a noun that is not here is for managers alone."""


def check(caller: Caller, noun: str, verb: str) -> None:
    """Raise ForbiddenError unless role, scopes and the postback switch allow the verb on the noun."""
    if not caller.manages:
        allowed = AFFILIATES_MAY.get(noun)
        if allowed is None or (verb == "write" and allowed == "read"):
            raise ForbiddenError("managers_only", f"Only managers may {verb} {noun}.")
        if not caller.postbacks_enabled and (noun == "postbacks" or (noun, verb) == ("deliveries", "write")):
            raise ForbiddenError(
                "postbacks_not_enabled", "Postbacks are not switched on for your account. Ask your manager."
            )
    if not caller.scope_allows(noun, verb):
        raise ForbiddenError(
            "scope_missing", f"This API key has no scope for it. Use one with {noun}:{verb} or {verb}."
        )
