"""What the demo sets up, over the API as anybody would: from an advertiser to postbacks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus

from redound.cli.demo.tracker import BROKEN_PATH
from redound.cli.demo.web import fetch
from redound.cli.output import CommandError

REPORT_TOKEN = "demo-report-token-0123456789"  # noqa: S105 - the demo's own, on loopback
HOLD_SECONDS = 3
IMPORTED_ORDER = "csv-"
"""What the transaction IDs begin with that the advertiser reports by file."""
EVERY_STATUS = ["pending", "hold", "approved", "rejected", "refunded"]


@dataclass(frozen=True, slots=True)
class Api:
    """The REST API with a manager's key."""

    base_url: str
    key: str

    async def post(self, path: str, body: object) -> dict[str, object]:
        """Create or do something; a refusal ends the demo with the API's own words."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        answer = await fetch("POST", f"{self.base_url}/api/v1/{path}", json.dumps(body).encode(), headers)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            problem = f"POST /api/v1/{path} answered {answer.status}: {answer.body[:500]}"
            raise CommandError(problem, "Please report this; `redound doctor` may say more.")
        return answer.json()

    async def make(self, noun: str, **fields: object) -> str:
        """Create one of `noun` and return its ID."""
        return str((await self.post(noun, fields))["id"])


@dataclass(frozen=True, slots=True)
class World:
    """What visitors and the advertiser of the demo need to know."""

    api: Api
    advertiser: str
    casino_links: tuple[str, ...]
    cpc_link: str
    affiliates: tuple[str, ...]
    postbacks: dict[str, str]


async def build(api: Api, tracker_url: str, shop_url: str) -> World:
    """Create everything; return the links to follow and the postbacks by ID."""
    advertiser = await api.make("advertisers", name="Northwind Gaming", tokens=[REPORT_TOKEN])
    brand = await api.make("brands", name="Northwind Casino", advertiser_id=advertiser)
    landing = shop_url + "/welcome?click_id={click_id}"
    casino = await api.make(
        "offers", name="Northwind Casino, EU", brand_id=brand, landing_url=landing, currency="EUR",
        payout_model="cpa", conversion_window_days=30,
    )  # fmt: skip
    app = await api.make(
        "offers", name="Northwind app, per click", brand_id=brand, landing_url=landing, currency="EUR",
        payout_model="cpc", cpc_payout="0.15",
    )  # fmt: skip
    goals = await _goals(api, casino)
    alice = await api.make("affiliates", name="Alice Media")
    carol = await api.make("affiliates", name="Carol Traffic")
    campaign = await api.make("campaigns", name="Spring", affiliate_id=alice)
    banner = await api.post("links", {"name": "Banner", "campaign_id": campaign, "offer_id": casino})
    review = await api.post("links", {"name": "Review", "campaign_id": campaign, "offer_id": casino})
    other = await api.make("campaigns", name="Apps", affiliate_id=carol)
    postbacks = await _postbacks(api, tracker_url, alice, carol, app, goals, str(review["id"]))
    clicks = await api.post("links", {"name": "App page", "campaign_id": other, "offer_id": app})
    await _in_force(str(clicks["url"]))
    casino_links = (str(banner["url"]), str(review["url"]))
    return World(api, advertiser, casino_links, str(clicks["url"]), (alice, carol), postbacks)


async def _in_force(last_link: str) -> None:
    """Wait until the edge knows what was made last, and with it everything before: a second at most."""
    for _ in range(100):
        if (await fetch("HEAD", last_link)).status == HTTPStatus.FOUND:
            return
        await asyncio.sleep(0.05)
    raise CommandError("The tracking links did not come into force within 5 seconds.", "Please report this.")


async def _goals(api: Api, offer: str) -> dict[str, str]:
    registration = await api.make(
        "goals", offer_id=offer, code="registration", name="Registration", kind="registration", base=True,
        payout="12.00", revenue="20.00", default_status="approved",
    )  # fmt: skip
    deposit = await api.make(
        "goals", offer_id=offer, code="first_deposit", name="First deposit", kind="first_deposit", base=False,
        payout_percent="25", default_status="pending",
    )  # fmt: skip
    await api.make(
        "goals", offer_id=offer, code="subscription", name="Subscription", kind="sale", base=False,
        payout="15.00", default_status="hold", hold_seconds=HOLD_SECONDS, hold_then="approved",
    )  # fmt: skip
    await api.make(
        "goals", offer_id=offer, code="qualified", name="Qualified player", kind="qualified_cpa", base=False,
        default_status="approved",
    )  # fmt: skip
    await api.make(
        "reward-plans", name="Deposits 50, wagers 100", offer_id=offer, amount="80.00",
        deposits="50.00", wagers="100.00", within_days=30,
    )  # fmt: skip
    return {"registration": registration, "first_deposit": deposit}


async def _postbacks(
    api: Api, url: str, alice: str, carol: str, cpc_offer: str, goals: dict[str, str], link: str
) -> dict[str, str]:
    """Every kind of postback there is; return ID → name."""
    what = "tid={conversion_id}&order={txid}&type={event_type}&op={operation}&was={previous_status}"
    query = "?subid={sub1}&status={status}&payout={payout}&currency={currency}&" + what
    common: dict[str, object] = {"affiliate_id": alice, "event": "conversion", "statuses": EVERY_STATUS}
    fields = [
        {"name": name, "value": value}
        for name, value in (
            ("subid", "{sub1}"),
            ("status", "{status|upper}"),
            ("payout", "{payout}"),
            ("tid", "{conversion_id}"),
            ("order", "{txid}"),
            ("type", "{event_type}"),
            ("op", "{operation}"),
            ("was", "{previous_status}"),
        )
    ]
    wanted: list[dict[str, object]] = [
        common | {"name": "Tracker, GET", "goals": "any", "url": f"{url}/get{query}"},
        common
        | {
            "name": "Warehouse, form", "goals": "events", "method": "POST_FORM", "url": f"{url}/form",
            "params": fields, "auth": {"type": "basic", "login": "alice", "password": "demo"},
        },
        common
        | {
            "name": "Pipeline, JSON", "goals": [goals["registration"]], "statuses": ["approved"],
            "level": "link", "include": [link], "method": "POST_JSON", "url": f"{url}/json", "sign": True,
            "body": '{"subid": "{sub1}", "status": "{status}", "payout": "{payout}", "at": "{event_time}",'
            ' "tid": "{conversion_id}", "type": "{event_type}"}',
        },
        common | {"name": "Old tracker, failing", "goals": "base", "url": f"{url}{BROKEN_PATH}{query}"},
        common | {"name": "Switched off", "goals": "any", "enabled": False, "url": f"{url}/off{query}"},
        {
            "name": "Paid clicks", "affiliate_id": carol, "event": "click", "level": "offer",
            "include": [cpc_offer],
            "url": f"{url}/click?subid={{sub1}}&payout={{payout}}&cid={{click_id}}&type={{event_type}}",
        },
    ]  # fmt: skip
    return {await api.make("postbacks", **one): str(one["name"]) for one in wanted}
