"""Figures added up from the raw rows, as plainly as can be: what the rollups have to be equal to."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.store.rig import Database

HALF_HOUR = 1_800_000
COUNTS = ("clicks", "valid_clicks", "pending", "hold", "approved", "rejected", "refunded")
SUMS = ("open_payout_minor", "approved_payout_minor", "open_revenue_minor", "approved_revenue_minor")
ENDS = (50, 100, 250, 500, 1000, 2500, 5000, 10000, 15000)
Table = dict[tuple[Any, ...], dict[str, int]]
DAY = 86_400_000
KEYS = {
    "network_figures": ("at", "currency"),
    "network_delivery_figures": ("at",),
    "offer_figures": ("at", "affiliate_id", "offer_id", "goal_id", "currency"),
    "link_figures": (
        *("at", "affiliate_id", "offer_id", "campaign_id", "link_id", "country", "goal_id", "currency"),
    ),
    "sub_figures": ("at", "affiliate_id", "slot", "value", "offer_id", "goal_id", "currency"),
    "delivery_figures": ("at", "postback_id", "affiliate_id", "offer_id"),
    "failure_figures": ("at", "postback_id", "affiliate_id", "error_kind", "status"),
}
KEYS |= {
    name.replace("figures", "days"): KEYS[name]
    for name in KEYS
    if name[0] in "ols" or name[:9] == "delivery_"
}


def rolled(database: Database) -> dict[str, Table]:
    """Return the rollups as they are stored, without rows in which everything is zero."""
    found: dict[str, Table] = {}
    for table, keys in KEYS.items():
        cursor = database.db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        found[table] = {
            tuple(row.pop(key) for key in keys): {name: count for name, count in row.items() if count}
            for row in rows
        }
        found[table] = {key: counts for key, counts in found[table].items() if counts}
    return found


def added_up(database: Database) -> dict[str, Table]:
    """Return what the rollups have to be, from the raw rows alone."""
    found: dict[str, Table] = {name: defaultdict(lambda: defaultdict(int)) for name in KEYS}
    clicks = {row["id"]: row for row in _rows(database, "clicks")}
    for click in clicks.values():
        if not click["test"]:
            _count(found, click, click, "", "", {"clicks": 1, "valid_clicks": int(bool(click["valid"]))})
    for conversion in _rows(database, "conversions"):
        if not conversion["test"]:
            _count_conversion(found, conversion, clicks.get(conversion["click_id"]))
    deliveries = {row["id"]: row for row in _rows(database, "deliveries") if not row["test"]}
    for delivery in deliveries.values():
        _delivery(found, delivery, delivery["created_at"])["fired"] += 1
        if delivery["state"] != "open":
            _delivery(found, delivery, delivery["finished_at"])[delivery["state"]] += 1
    for attempt in _rows(database, "attempts"):
        if attempt["delivery_id"] in deliveries:
            _count_attempt(found, attempt, deliveries[attempt["delivery_id"]])
    _fold(found)
    return {
        table: {
            key: {name: count for name, count in counts.items() if count}
            for key, counts in rows.items()
            if any(counts.values())
        }
        for table, rows in found.items()
    }


def _fold(found: dict[str, Table]) -> None:
    """Add up days of UTC, and everything."""
    for name in KEYS:
        for key, counts in found[name.replace("days", "figures")].items() if name.endswith("_days") else ():
            for figure, count in counts.items():
                found[name][key[0] // DAY * DAY, *key[1:]][figure] += count
    for whole, part in (
        ("network_figures", "offer_figures"),
        ("network_delivery_figures", "delivery_figures"),
    ):
        for key, counts in found[part].items():
            for figure, count in counts.items():
                found[whole][(key[0], key[-1]) if whole == "network_figures" else key[:1]][figure] += count


def _rows(database: Database, table: str) -> list[dict[str, Any]]:
    cursor = database.db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _half_hour(at: int) -> int:
    return at // HALF_HOUR * HALF_HOUR


def _count(
    found: dict[str, Table],
    row: dict[str, Any],
    click: dict[str, Any] | None,
    goal_id: str,
    currency: str,
    counts: dict[str, int],
) -> None:
    at, who, offer = _half_hour(row["created_at"]), row["affiliate_id"], row["offer_id"]
    country = click["country"] if click else ""
    params = json.loads(click["params"]) if click else {}
    places = [
        ("offer_figures", (at, who, offer, goal_id, currency)),
        (
            "link_figures",
            (at, who, offer, row["campaign_id"], row["link_id"], country, goal_id, currency),
        ),
    ]
    for slot in (2, 3, 4, 5):
        value = params.get(f"sub{slot}", "")[:100].replace("\0", "\ufffd").strip()
        if value:
            places.append(("sub_figures", (at, who, slot, value, offer, goal_id, currency)))
    for table, key in places:
        for name, count in counts.items():
            found[table][key][name] += count


def _count_conversion(found: dict[str, Table], row: dict[str, Any], click: dict[str, Any] | None) -> None:
    currency = row["payout_currency"] or row["revenue_currency"]
    _count(found, row, click, row["goal_id"], currency, {row["status"]: 1})
    kind = {"pending": "open", "hold": "open", "approved": "approved"}.get(row["status"])
    if kind is None:
        return
    for what in ("payout", "revenue"):
        if row[f"{what}_minor"]:
            sums = {f"{kind}_{what}_minor": row[f"{what}_minor"]}
            _count(found, row, click, row["goal_id"], row[f"{what}_currency"], sums)


def _delivery(found: dict[str, Table], delivery: dict[str, Any], at: int) -> dict[str, int]:
    key = (_half_hour(at), delivery["postback_id"], delivery["affiliate_id"], delivery["offer_id"])
    return found["delivery_figures"][key]


def _count_attempt(found: dict[str, Table], attempt: dict[str, Any], delivery: dict[str, Any]) -> None:
    counts = _delivery(found, delivery, attempt["started_at"])
    counts["attempts"] += 1
    took = attempt["duration_ms"]
    if attempt["status"] is not None:
        counts["answered"] += 1
        counts["duration_ms"] += took
        fitting = [f"le_{end}" for end in ENDS if took <= end]
        counts[fitting[0] if fitting else "slower"] += 1
    if attempt["outcome"] == "delivered":
        counts["good_attempts"] += 1
    else:
        at = _half_hour(attempt["started_at"])
        key = (
            at,
            delivery["postback_id"],
            delivery["affiliate_id"],
            attempt["error_kind"],
            attempt["status"] or 0,
        )
        found["failure_figures"][key]["attempts"] += 1
