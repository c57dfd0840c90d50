"""What becomes of the demo's visitors after their click, told by the advertiser in every way it has."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redound.cli.demo.installation import import_csv
from redound.cli.demo.world import IMPORTED_ORDER

if TYPE_CHECKING:
    from pathlib import Path

    from redound.cli.demo.traffic import Shop, Visitors
    from redound.cli.demo.world import World

FIRST_FILE = 3
BETWEEN_FILES = 40
"""The advertiser's files come after so many visitors."""


async def run(world: World, visitors: Visitors, shop: Shop, folder: Path, pause_seconds: float) -> None:
    """Keep traffic coming until cancelled: everybody registers, and each does something else afterwards.

    `folder` is the installation's data directory.
    """
    stories = (_player, _subscriber, _depositor, _visitor)
    later: list[str] = []
    async with asyncio.TaskGroup() as files:
        for number in itertools.count():
            click_id = await visitors.follow(world.casino_links[number % len(world.casino_links)])
            if click_id:
                story = stories[number % len(stories)]
                await story(world, shop, click_id, number)
                if story is _visitor:
                    later.append(click_id)
            if number % BETWEEN_FILES == FIRST_FILE:
                files.create_task(_file(shop, folder, later))
                later = []
            if number % 3 == 0:
                await visitors.follow(world.cpc_link)
            await asyncio.sleep(pause_seconds)


async def _file(shop: Shop, folder: Path, clicks: list[str]) -> None:
    """Their first deposits are not reported one by one: they come in a file, as at the end of a day."""
    rows = [
        f"{click_id},first_deposit,confirmed,25.00,EUR,{IMPORTED_ORDER}{secrets.token_hex(4)}"
        for click_id in clicks
    ]
    table = "\n".join(["click_id,goal,status,amount,currency,txid", *rows, ""])
    shop.trouble = await import_csv(folder, table) or shop.trouble


async def _visitor(world: World, shop: Shop, click_id: str, number: int) -> None:  # noqa: ARG001 - as the others
    """Registers; the deposit is in the next file."""
    await shop.report(click_id, goal="registration")


async def _depositor(world: World, shop: Shop, click_id: str, number: int) -> None:  # noqa: ARG001 - as the others
    """Makes a first deposit, which the advertiser confirms or declines."""
    await shop.report(click_id, goal="registration")
    deposit = {"goal": "first_deposit", "amount": f"{20 + number % 50}.00", "currency": "EUR"}
    deposit["txid"] = f"order-{secrets.token_hex(4)}"
    await shop.report(click_id, status="pending", **deposit)
    await shop.report(click_id, status="declined" if number % 5 == 0 else "confirmed", **deposit)


async def _subscriber(world: World, shop: Shop, click_id: str, number: int) -> None:  # noqa: ARG001 - as the others
    """Subscribes: the goal is put on hold, and approved by itself when the hold runs out."""
    await shop.report(click_id, goal="registration")
    await shop.report(click_id, goal="subscription", txid=f"sub-{secrets.token_hex(4)}")


async def _player(world: World, shop: Shop, click_id: str, number: int) -> None:
    """Deposits and plays enough for the reward plan: a report, then activity over the API."""
    customer_id = f"player-{number}-{secrets.token_hex(4)}"
    await shop.report(click_id, goal="registration", customer_id=customer_id)
    deposit = {"goal": "first_deposit", "amount": "60.00", "currency": "EUR", "customer_id": customer_id}
    await shop.report(click_id, status="confirmed", txid=f"order-{secrets.token_hex(4)}", **deposit)
    wagers = [
        {
            "advertiser_id": world.advertiser,
            "customer_id": customer_id,
            "kind": "wager",
            "at": datetime.now(UTC).date().isoformat(),
            "amount": amount,
            "currency": "EUR",
            "external_id": f"{customer_id}-{amount}",
        }
        for amount in ("70.00", "80.00")
    ]
    taken = await world.api.post("activity", wagers)
    if taken["refused"]:
        shop.trouble = f"activity was refused: {taken['data']}"
