"""What people are told of postbacks, approvals, imports and incidents: when, and in which words."""

from __future__ import annotations

from redound.core.notices.disabling import disabled_because, facts_of, failing_because

__all__ = ["disabled_because", "facts_of", "failing_because"]
