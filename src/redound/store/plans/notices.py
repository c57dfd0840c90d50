"""What is stored so that people are told of a postback that fails, is disabled, or is enabled again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from redound.core.ids import new_id
from redound.core.notices import disabled_because, facts_of, failing_because
from redound.store.plans.steps import Step
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.deliveries import Health

AUDIENCES = ("manager", "affiliate")


def disabling_steps(health: Health, now_ms: int) -> list[Step]:
    """Return what disabling a postback stores beside its health: parked deliveries and two notices."""
    at = health.disabled_at or now_ms
    told = {each: f"was disabled: {disabled_because(health, each)}" for each in AUDIENCES}
    return [
        Step("park_open_of", (health.postback_id, at)),
        *_notices("postback_disabled", health.postback_id, told, facts_of(health), at),
    ]


def failing_steps(health: Health, now_ms: int) -> list[Step]:
    """Return two notices that a postback is failing."""
    told = dict.fromkeys(AUDIENCES, f"is failing: {failing_because(health)}")
    return _notices("postback_failing", health.postback_id, told, facts_of(health), now_ms)


def enabled_steps(postback_id: str, by: str, now_ms: int) -> list[Step]:
    """Return the notices that a postback is enabled again; `by` says who does it.

    To be run before its health is reset: nobody is told of one that was not disabled.
    """
    said = f"was enabled again by {by}." if by else "was enabled again."
    told = dict.fromkeys(AUDIENCES, said)
    return _notices("postback_enabled", postback_id, told, {"by": by}, now_ms, query="notify_enabled")


def _notices(
    kind: str,
    postback_id: str,
    told: Mapping[str, str],
    facts: Mapping[str, object],
    at: int,
    *,
    query: str = "notify",
) -> list[Step]:
    data = traffic.text_of(dict(facts))
    found = []
    for audience, said in told.items():
        notice_id = new_id("ntf", at, secrets.token_bytes(8))
        found.append(Step(query, (notice_id, kind, audience, postback_id, said, data, at)))
    return found


def approvals_steps(count: int, *, more: bool, now_ms: int) -> list[Step]:
    """Return the managers' notice that conversions wait for approval."""
    said = f"{count}{'+' if more else ''} conversions wait for approval."
    return [notice_step("approvals_pending", "manager", said, {"count": count, "more": more}, now_ms)]


def notice_step(kind: str, audience: str, text: str, facts: Mapping[str, object], at: int) -> Step:
    """Return a notice that is about no postback."""
    notice_id = new_id("ntf", at, secrets.token_bytes(8))
    return Step("add_notice", (notice_id, kind, audience, "", text, traffic.text_of(dict(facts)), at))
