"""Plans that keep the installation in order."""

from __future__ import annotations

from redound.store.plans.steps import Step


def backup_taken(at: str) -> list[Step]:
    """Remember when the last backup was taken (RFC 3339, UTC), for the System page."""
    return [Step("mark_backup", (at,), 1)]
