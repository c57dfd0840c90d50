"""Hints between threads and loops."""

from __future__ import annotations

import asyncio
import threading

from redound.bus.local import LocalBus


async def test_a_hint_from_another_thread_reaches_the_loop():
    """The console's threads wake the worker."""
    bus, heard = LocalBus(), asyncio.Event()
    bus.subscribe(heard.set)
    threading.Thread(target=bus.notify).start()
    await asyncio.wait_for(heard.wait(), 5)


async def test_hints_that_come_together_are_heard_once():
    """A thousand inserted deliveries are one look into the database."""
    bus, calls = LocalBus(), []
    bus.subscribe(lambda: calls.append(1))
    for _ in range(1000):
        bus.notify()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(calls) == 1


async def test_a_hint_during_the_look_leads_to_another():
    """What was inserted after the look began must not be overlooked."""
    bus, calls = LocalBus(), []

    def look():
        calls.append(1)
        if len(calls) == 1:
            bus.notify()

    bus.subscribe(look)
    bus.notify()
    for _ in range(4):
        await asyncio.sleep(0)
    assert len(calls) == 2


async def test_who_ended_hears_nothing_more():
    """The worker has stopped."""
    bus, calls = LocalBus(), []
    bus.subscribe(lambda: calls.append(1))()
    bus.notify()
    await asyncio.sleep(0)
    assert not calls


def test_a_listener_whose_loop_has_ended_harms_nobody():
    """A process stops in any order."""
    bus = LocalBus()

    async def main():
        bus.subscribe(lambda: None)

    asyncio.run(main())
    bus.notify()
