"""Streams of the real console on both databases: sessions, scopes, and deliveries as they go."""

from __future__ import annotations

import asyncio

import pytest

from redound.edge.http import Proxies
from redound.live import app
from tests.console.traffic import attempt, convert, disable
from tests.edge.client import until
from tests.edge.conftest import listening
from tests.live.watching import Watcher


async def in_thread(function, *args, **kwargs):
    """Use Django as pages do, in a thread; its connection is not left behind."""

    def use():
        from django.db import connections

        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(use)


def cookie_of(user) -> str:
    """Sign somebody in; return the cookie that their browser sends."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def make_user(name, affiliate_id=None):
    """Return a person of an affiliate, or a manager."""
    from redound.console.accounts.models import User

    role = "affiliate" if affiliate_id else "manager"
    return User.objects.create_user(
        f"{name.lower()}@people.example", name=name, role=role, affiliate_id=affiliate_id
    )


class Streams:
    """The console listening, and people's cookies."""

    def __init__(self, port, live, world):
        self.port, self.live, self.world = port, live, world
        self.cookies = {}
        self.users = {}

    def sign_in(self, name, affiliate_id=None):
        """Make somebody who is signed in."""
        self.users[name] = make_user(name, affiliate_id)
        self.cookies[name] = cookie_of(self.users[name])

    async def watch(self, name, path="/live/deliveries", **headers):
        """Open a stream as somebody; one that opened has been told so."""
        stream = await Watcher.open(self.port, path, cookie=self.cookies[name], **headers)
        if stream.status == 200:
            await stream.until("beat")
        return stream


@pytest.fixture
async def streams(world):
    """Alice, Charlie and Bob with sessions, and a console that listens."""
    from django.core.handlers.wsgi import WSGIHandler

    from redound.asgi import Console, WsgiBridge

    bridge = WsgiBridge(WSGIHandler(), Proxies(()), threads=2)
    console = Console(bridge)
    async with listening(console) as port:
        streams = Streams(port, console.live, world)
        await in_thread(streams.sign_in, "Alice", world.alice_id)
        await in_thread(streams.sign_in, "Charlie", world.charlie_id)
        await in_thread(streams.sign_in, "Robert")
        yield streams
        console.hang_up()
        await until(lambda: not console.live.open)
    console.close()


async def test_a_delivery_arrives_live_and_again_when_it_was_tried(streams):
    """Alice and Bob see it come and be delivered; Charlie sees nothing."""
    world = streams.world
    postback = await in_thread(world.make_postback)
    alice, charlie = await streams.watch("Alice"), await streams.watch("Charlie")
    bob = await streams.watch("Robert", "/manage/live/deliveries")
    await in_thread(convert, world)
    (delivery_id, change), *_ = await alice.rows(1)
    assert change == "new"
    assert await bob.rows(1) == [(delivery_id, "new")]
    await in_thread(attempt, delivery_id)
    event = await alice.until("row")
    assert event.data == {"id": delivery_id, "change": "state", "state": "delivered"}
    await in_thread(world.charlie.make, "postbacks", name="C", url="http://127.0.0.1:9000/c?x={sub1}")
    await in_thread(convert, world, world.charlies_link)
    ((other, _),) = await charlie.rows(1)
    assert other != delivery_id
    assert postback["id"]
    for each in (alice, charlie, bob):
        each.close()


async def test_received_reports_are_for_managers(streams):
    """Bob watches them come with their verdict; Alice gets no stream."""
    refused = await streams.watch("Alice", "/live/reports")
    assert (refused.status, refused.code) == (403, "refused")
    bob = await streams.watch("Robert", "/manage/live/reports?verdict=accepted")
    await in_thread(convert, streams.world)
    event = await bob.until("row")
    assert (event.data["change"], event.data["verdict"]) == ("new", "accepted")
    bob.close()


async def test_alice_and_bob_are_told_of_a_disabled_postback(streams):
    """Each by a notification of their own; Charlie by none."""
    world = streams.world
    postback = await in_thread(world.make_postback)
    alice = await streams.watch("Alice", "/live/notifications")
    charlie = await streams.watch("Charlie", "/live/notifications")
    bob = await streams.watch("Robert", "/manage/live/notifications")
    await in_thread(disable, postback["id"])
    ((to_alice, _),) = await alice.rows(1)
    ((to_bob, _),) = await bob.rows(1)
    assert to_alice != to_bob
    assert not await told_anything(charlie)
    for each in (alice, charlie, bob):
        each.close()


async def told_anything(stream) -> bool:
    """Whether a row came to a stream, after the looks of others found theirs."""
    try:
        return (await stream.event(1.5)).name == "row"
    except TimeoutError:
        return False


async def test_the_managers_portal_has_no_streams_for_affiliates(streams):
    """Nor has an affiliate without postbacks any of deliveries; nor a stranger any at all."""
    assert (await streams.watch("Alice", "/manage/live/deliveries")).status == 403
    await in_thread(
        streams.world.bob.patch, f"affiliates/{streams.world.alice_id}", {"postbacks_enabled": False}
    )
    assert (await streams.watch("Alice")).status == 403
    streams.cookies["Mallory"] = "sessionid=0123456789abcdef0123456789abcdef"
    assert (await streams.watch("Mallory")).code == "signed_out"
    assert (await streams.watch("Alice", host="elsewhere.example")).status == 400


async def test_whoever_is_deactivated_or_signs_out_sees_no_more(streams, monkeypatch):
    """Within the time after which it is asked again."""
    monkeypatch.setattr(app, "ASK_SECONDS", 0.1)
    alice, charlie = await streams.watch("Alice"), await streams.watch("Charlie")
    user = streams.users["Alice"]
    user.is_active = False
    await in_thread(user.save)
    assert await alice.ends()
    await in_thread(_end_sessions)
    assert await charlie.ends()


def _end_sessions():
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


async def test_bob_who_views_as_alice_sees_what_she_sees(streams):
    """In the affiliates' portal; in his own he stays himself."""
    world = streams.world
    await in_thread(_view_as, streams.cookies["Robert"], world.alice_id)
    await in_thread(world.make_postback)
    await in_thread(world.charlie.make, "postbacks", name="C", url="http://127.0.0.1:9000/c?x={sub1}")
    as_alice = await streams.watch("Robert", "/live/deliveries")
    as_bob = await streams.watch("Robert", "/manage/live/deliveries")
    await in_thread(convert, world, world.charlies_link)
    await in_thread(convert, world)
    both = [each for each, _ in await as_bob.rows(2)]
    assert [each for each, _ in await as_alice.rows(1)] == both[1:]
    for each in (as_alice, as_bob):
        each.close()


def _view_as(cookie, affiliate_id):
    from importlib import import_module

    from django.conf import settings

    from redound.console.shell.page import VIEWING_AS

    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie.partition("=")[2])
    session[VIEWING_AS] = affiliate_id
    session.save()
