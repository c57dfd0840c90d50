"""Who asks: one value for API keys, sessions and commands, on which every permission is decided."""

from __future__ import annotations

from dataclasses import dataclass

ALL_SCOPES = frozenset({"read", "write"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is known. `affiliate_id` None means a manager, who sees everybody's things.

    `by` names them in the audit log. `postbacks_enabled` is that of the caller's affiliate (ReferOn: the
    menu is absent until the manager enables it).
    """

    by: str
    affiliate_id: str | None = None
    user_id: str | None = None
    key_id: str = ""
    scopes: frozenset[str] = ALL_SCOPES
    postbacks_enabled: bool = True

    @property
    def manages(self) -> bool:
        """Whether this is a manager or operator."""
        return self.affiliate_id is None

    def scope_allows(self, noun: str, verb: str) -> bool:
        """Whether the scopes cover `verb` ("read" or "write") on a plural noun. Writing includes reading."""
        wanted = {"write", f"{noun}:write"}
        if verb == "read":
            wanted |= {"read", f"{noun}:read"}
        return not wanted.isdisjoint(self.scopes)
