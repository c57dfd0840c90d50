"""`redound demo`: the whole loop on this machine, to look at or, with --once, to check that it works."""

from __future__ import annotations

import asyncio
import contextlib
import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.output import CommandError, command, data, data_json, say, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.cli.demo.installation import Demo
    from redound.cli.demo.kinds import Seen
    from redound.cli.demo.show import Screen
    from redound.cli.demo.tracker import Callback, Tracker
    from redound.cli.demo.traffic import Result, Shop, Visitors
    from redound.cli.demo.world import World

PATIENCE_SECONDS = 60.0
SHOW_SECONDS = 30.0
SHOWN_WITHOUT_TERMINAL = 20
PAUSE_SECONDS = 0.8
SHORT_PAUSE_SECONDS = 0.4


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(
        app,
        "demo",
        "Show the whole loop on this machine.",
        "demo",
        "demo --once --json",
        "demo --json",
        "demo --data-dir ./redound-demo --port 8000",
    )
    def demo(
        once: Annotated[bool, typer.Option("--once", help="End after the first delivered callback.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, at the end.")] = False,
        port: Annotated[int, typer.Option(help="Port of Redound; 0 picks a free one.")] = 0,
        data_dir: Annotated[
            Path | None, typer.Option(help="Keep the demo's database here; a temporary folder without it.")
        ] = None,
        forever: Annotated[
            bool, typer.Option("--forever", help="Run until Ctrl C or SIGTERM, without a terminal too.")
        ] = False,
    ) -> None:
        """Show a click going out, a conversion coming home and the callback arriving.

        Starts Redound with a database of its own, a tracker, an advertiser and visitors, all on this machine:
        conversions and their changes, a hold that runs out, a qualified player, a paid click, a CSV file, a
        tracker that fails. In a terminal it runs until Ctrl C; elsewhere, and with --json, it ends when it
        has shown each of them. Exit code 1 when it could not within 30 seconds, or when no callback arrives
        within 60 seconds.
        """
        with _folder(data_dir) as folder, contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_demo(folder, port, once=once, as_json=as_json, forever=forever))


@contextlib.contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="redound-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@dataclass(slots=True)
class Stage:
    """Everybody who takes part."""

    tracker: Tracker
    tracker_url: str
    shop: Shop
    visitors: Visitors
    world: World
    seen: Seen
    folder: Path

    @property
    def counts(self) -> str:
        """What happened so far, in words."""
        good = sum(callback.good for callback in self.tracker.callbacks)
        return (
            f"{self.visitors.clicks} clicks, {len(self.shop.results)} conversions reported, "
            f"{good} callbacks taken, {len(self.tracker.callbacks) - good} refused"
        )

    def summary(self) -> dict[str, object]:
        """Return what happened so far, for a program."""
        good = sum(callback.good for callback in self.tracker.callbacks)
        return {
            "clicks": self.visitors.clicks,
            "conversions_reported": len(self.shop.results),
            "callbacks_taken": good,
            "callbacks_refused": len(self.tracker.callbacks) - good,
            "seen": self.seen.summary(),
        }

    @property
    def trouble(self) -> str:
        """The last thing that went wrong at the visitors' or the advertiser's."""
        return self.visitors.trouble or self.shop.trouble


async def _demo(folder: Path, port: int, *, once: bool, as_json: bool, forever: bool) -> None:
    from redound.cli.demo.installation import running
    from redound.cli.demo.kinds import Seen
    from redound.cli.demo.tracker import Tracker
    from redound.cli.demo.traffic import Shop, Visitors
    from redound.cli.demo.web import listen
    from redound.cli.demo.world import Api, build

    tracker = Tracker()
    async with running(folder, port) as installation:
        shop = Shop(f"{installation.url}/postback")
        tracker_server, tracker_url = await listen(tracker.handle)
        shop_server, shop_url = await listen(shop.handle)
        async with tracker_server, shop_server:
            world = await build(Api(installation.url, installation.key), tracker_url, shop_url)
            stage = Stage(tracker, tracker_url, shop, Visitors(tracker), world, Seen(), folder)
            if once:
                await _once(stage, as_json=as_json)
            else:
                await installation.let_in(world.affiliates[0])
                _introduce(installation, tracker_url)
                await _show(stage, as_json=as_json, forever=forever or (terminal() and not as_json))


async def _once(stage: Stage, *, as_json: bool) -> None:
    """One visitor, one conversion, one callback."""
    click_id = await stage.visitors.follow(stage.world.casino_links[0])
    result = await stage.shop.report(click_id, goal="registration") if click_id else None
    if result is None:
        raise _nothing(stage)
    callback = await _delivered(stage, result)
    found = {
        "delivered": True,
        "click_id": result.click_id,
        "conversion_id": result.conversion_id,
        "delivery_id": callback.delivery_id,
        "url": stage.tracker_url + callback.target,
        "callback_url": stage.tracker_url + callback.target,
    }
    if as_json:
        data_json(found)
    else:
        data(f"delivered {found['url']}")


async def _delivered(stage: Stage, result: Result) -> Callback:
    """Return the first callback for this conversion that the tracker took."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        callback = await _next(stage, ends)
        if callback.good and callback.field("tid") == result.conversion_id:
            return callback


async def _next(stage: Stage, ends: float) -> Callback:
    """Return the next callback that arrives before `ends` (monotonic seconds)."""
    try:
        # Not wait_for: Python 3.11's forgets a Ctrl C when a callback arrives at the same moment.
        async with asyncio.timeout(ends - time.monotonic()):
            return await stage.tracker.arrived.get()
    except TimeoutError:
        raise _nothing(stage) from None


def _nothing(stage: Stage) -> CommandError:
    last = f" What went wrong last: {stage.trouble}." if stage.trouble else ""
    return CommandError(
        f"No callback arrived within {PATIENCE_SECONDS:.0f} seconds ({stage.counts}).{last}",
        "Run it again with REDOUND_LOG_LEVEL=INFO to see every step.",
    )


async def _show(stage: Stage, *, as_json: bool, forever: bool) -> None:
    """Show callbacks as they come: `forever` until cancelled, else until each kind was seen."""
    from redound.cli.demo.show import Lines, Silence, Table
    from redound.cli.demo.stories import run

    pause = PAUSE_SECONDS if forever else SHORT_PAUSE_SECONDS
    traffic = asyncio.create_task(run(stage.world, stage.visitors, stage.shop, stage.folder, pause))
    try:
        with Silence() if as_json else Table() if terminal() else Lines() as screen:
            if forever:
                await _watch(stage, screen, traffic, math.inf)
            else:
                await _watch_all(stage, screen, traffic)
    finally:
        traffic.cancel()
        say(f"Seen: {stage.counts}.\n{stage.seen.words}")
    if as_json:
        data_json(stage.summary())


async def _watch(stage: Stage, screen: Screen, traffic: asyncio.Task[None], wanted: float) -> None:
    """Show what comes until `wanted` callbacks were taken and each kind was seen."""
    ends = time.monotonic() + PATIENCE_SECONDS
    taken = 0
    while taken < wanted or stage.seen.missing:
        callback = await _next(stage, ends)
        stage.seen.add(callback)
        if callback.good:
            taken += 1
            ends = time.monotonic() + PATIENCE_SECONDS
        screen.add(callback, f"{stage.counts}\n{stage.seen.words}")
        if traffic.done():
            traffic.result()


async def _watch_all(stage: Stage, screen: Screen, traffic: asyncio.Task[None]) -> None:
    """Show what comes for a bounded time; CommandError names what did not come in it."""
    try:
        async with asyncio.timeout(SHOW_SECONDS):
            await _watch(stage, screen, traffic, SHOWN_WITHOUT_TERMINAL)
    except TimeoutError:
        missing = ", ".join(stage.seen.missing) or f"{SHOWN_WITHOUT_TERMINAL} callbacks"
        last = f" What went wrong last: {stage.trouble}." if stage.trouble else ""
        raise CommandError(
            f"Not seen within {SHOW_SECONDS:.0f} seconds: {missing} ({stage.counts}).{last}",
            "Run it again with REDOUND_LOG_LEVEL=INFO to see every step.",
        ) from None


def _introduce(installation: Demo, tracker_url: str) -> None:
    from redound.cli.demo.installation import AFFILIATE, MANAGER

    url, key = installation.url, installation.key
    say(f"Redound runs at   {url}")
    say(f"Sign in as        {MANAGER} or {AFFILIATE}, password {installation.password}")
    say(f"API               {url}/api/v1/docs   with the key below")
    say(f"API key           {key}")
    say(f"Try               curl -H 'Authorization: Bearer {key}' {url}/api/v1/deliveries")
    say(f"The tracker       {tracker_url}   One postback fails on purpose, one is switched off.")
    say("Callbacks that reach the tracker:")
