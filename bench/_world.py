"""What a bench works on: a migrated database in a folder of its own, one offer, one link, one postback."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.keys import with_secret_key
from redound.settings import Settings, load
from redound.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

RECEIVER = "http://127.0.0.1:{port}/postback?cid={{sub1}}&payout={{payout}}&enqueued={{conversion_time|ms}}"


@dataclass(frozen=True, slots=True)
class World:
    """The set-up of one bench."""

    settings: Settings
    code: str
    link_id: str


def pay_for_clicks() -> None:
    """Make the offer of the world pay for clicks, and its postback tell of them."""
    from django.db import connection

    from redound.console.catalog.models import Offer
    from redound.console.postbacks.models import Postback

    Offer.objects.update(payout_model="cpc", cpc_payout_minor=15)
    offer_id = Offer.objects.values_list("pk", flat=True).get()
    Postback.objects.update(event="click", level="offer", include=[offer_id])
    connection.close()


def build(folder: Path, receiver_port: int, database_url: str = "") -> World:
    """Make database (SQLite unless one is named), tables and configuration. The receiver need not listen."""
    environment = {"REDOUND_DATA_DIR": str(folder), "REDOUND_ALLOW_NETWORKS": "127.0.0.0/8"}
    if database_url:
        environment["REDOUND_DATABASE_URL"] = database_url
    settings = with_secret_key(load(environment), generate=True)
    from redound.console import runtime

    runtime.start(settings)
    from django.core.management import call_command
    from django.db import connection

    from redound.console.catalog.models import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer
    from redound.console.postbacks.models import Postback

    call_command("migrate", verbosity=0)
    brand = Brand.objects.create(name="Play", advertiser=Advertiser.objects.create(name="Acme"))
    offer = Offer.objects.create(
        name="Shoes",
        brand=brand,
        landing_url="https://shop.example.com/landing?cid={click_id}",
        currency="EUR",
    )
    Goal.objects.create(
        offer=offer, code="sale", name="Sale", kind="sale", base=True, payout_minor=1000, revenue_minor=1500
    )
    affiliate = Affiliate.objects.create(name="Alice")
    campaign = Campaign.objects.create(name="Autumn", affiliate=affiliate)
    link = Link.objects.create(name="Banner", campaign=campaign, offer=offer)
    Postback.objects.create(name="Tracker", affiliate=affiliate, url=RECEIVER.format(port=receiver_port))
    connection.close()
    return World(settings, link.code, link.id)


def add_clicks(world: World, count: int) -> list[str]:
    """Store clicks of the last minutes and return their IDs."""
    return asyncio.run(_add_clicks(world, count))


async def _add_clicks(world: World, count: int) -> list[str]:
    from redound.core.clicks import Opened, Visit, open_click
    from redound.roles import open_store

    keys = Vault(world.settings.secret_key).click_keys
    store = open_store(world.settings, "bench")
    await store.open()
    try:
        snapshot = await store.load_snapshot()
        link = snapshot.links[world.link_id]
        offer, affiliate = snapshot.offer(link.offer_id), snapshot.affiliate(link.affiliate_id)
        first = time.time_ns() // 1_000_000 - 600_000
        ids: list[str] = []
        while len(ids) < count:
            clicks = []
            for number in range(len(ids), min(len(ids) + 1000, count)):
                visit = Visit("GET", {"sub1": f"s{number}"}, "127.0.0.1", "bench", "", first + number // 100)
                opened = open_click(visit, link, offer, affiliate, keys, os.urandom(8))
                assert isinstance(opened, Opened)
                clicks.append(opened.click)
            await store.add_clicks(clicks)
            ids += [click.id for click in clicks]
        return ids
    finally:
        await store.close()
