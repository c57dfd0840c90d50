"""Incidents for tests of the console, stored by the plans that the watch uses."""

from __future__ import annotations

from typing import Any

from tests.console.traffic import perform

EVIDENCE = '{"hours": 1, "total": 20, "hits": 19, "usual": 0.011, "expected": null, "days": 14}'


def open_incident(world, *, kind: str = "deliveries_failing", **about: Any) -> str:
    """Have the watch open an incident; return its ID."""
    from redound.console.clock import now_ms
    from redound.console.identity import fresh_id
    from redound.store.plans.steps import Step

    noun = {"deliveries_failing": "postback_id", "click_ids_unmatched": "advertiser_id"}.get(kind, "offer_id")
    ids = {"postback_id": "", "offer_id": "", "advertiser_id": "", "affiliate_id": "", **about}
    row_id = fresh_id("inc")
    perform([Step("open_incident", (row_id, kind, ids[noun], *ids.values(), EVIDENCE, now_ms()))])
    return row_id


def close_incident(row_id: str) -> None:
    """Have the watch close it."""
    from redound.console.clock import now_ms
    from redound.store.plans.steps import Step

    perform([Step("close_incident", (row_id, now_ms(), "recovered", EVIDENCE))])
