"""Streams on real sockets: who may open them, how they end, and what they cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson
import pytest

from redound.console.live.rows import Sample
from redound.live import app, feeds
from redound.live.app import Live
from tests.edge.client import until
from tests.edge.conftest import listening
from tests.live.watching import Watcher, row


@dataclass
class Answer:
    """What Django says."""

    status: int = 200
    body: bytes = b""


class People:
    """Stands where Django does: knows people by a header, and counts how often it is asked."""

    def __init__(self):
        self.rows = {}
        self.known = {"alice": "aff_alice", "charlie": "aff_charlie", "bob": ""}
        self.asked = 0

    async def ask(self, scope):
        """Answer who somebody is; strangers are led to the sign-in."""
        self.asked += 1
        name = dict(scope["headers"]).get(b"x-name", b"").decode()
        if name not in self.known:
            return Answer(302)
        return Answer(200, orjson.dumps({"user": name, "audience": self.known[name]}))

    async def look(self, noun, known):
        """Return the rows that are not known."""
        return Sample(tuple(each for each in self.rows.values() if known.get(each.id) != each.mark))

    def put(self, *rows):
        """Add or change rows."""
        self.rows |= {each.id: each for each in rows}
        return [each.id for each in rows]


@pytest.fixture
def people(monkeypatch):
    """Alice, Charlie and Bob, at a pace for tests."""
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 0.005)
    return People()


@pytest.fixture
async def live(people):
    """Streams that listen; `live.port` says where."""
    live = Live(people.ask, people.look)
    async with listening(live) as port:
        live.port = port
        yield live
        live.hang_up()


async def watch(live, name="bob", path="/live/deliveries", **headers):
    """Open a stream as somebody."""
    return await Watcher.open(live.port, path, x_name=name, **headers)


async def test_a_row_arrives_as_an_event(live, people):
    """With its cursor, and nothing of it but what the page needs to fetch it."""
    bob = await watch(live)
    assert bob.status == 200
    assert bob.headers["content-type"] == "text/event-stream"
    assert bob.headers["cache-control"] == "no-store"
    assert (await bob.event()).name == "beat"
    (new,) = people.put(row("aff_alice", state="pending"))
    event = await bob.event()
    assert (event.name, event.data) == ("row", {"id": new, "change": "new", "state": "pending"})
    assert event.id.endswith(".1")
    bob.close()


async def test_charlie_sees_nothing_of_alice_s(live, people):
    """Each stream is its reader's."""
    alice, charlie = await watch(live, "alice"), await watch(live, "charlie")
    first, second = people.put(row("aff_alice"), row("aff_charlie"))
    assert await alice.rows(1) == [(first, "new")]
    assert await charlie.rows(1) == [(second, "new")]
    for each in (alice, charlie):
        each.close()


async def test_a_reader_comes_back_where_it_was(live, people):
    """By header as browsers do, by parameter as the page does."""
    other, bob = await watch(live), await watch(live)
    people.put(row())
    await bob.rows(1)
    bob.close()
    missed = people.put(row(), row())
    await other.rows(3)
    again = await watch(live, last_event_id=bob.last_id)
    assert sorted(await again.rows(2)) == sorted((each, "new") for each in missed)
    page = await watch(live, path=f"/live/deliveries?last_id={bob.last_id}")
    assert len(await page.rows(2)) == 2
    for each in (other, again, page):
        each.close()


async def test_a_reader_of_another_process_is_told_to_reload(live):
    """Its cursor means nothing here."""
    bob = await watch(live, last_event_id="0123456789abcdef.7")
    assert (await bob.until("reset")).id != "0123456789abcdef.7"
    bob.close()


async def test_filters_stand_in_the_address(live, people):
    """Several values by comma."""
    bob = await watch(live, path="/manage/live/deliveries?state=failed,parked&q=whatever")
    _, failed, parked = people.put(row(state="pending"), row(state="failed"), row(state="parked"))
    assert [each for each, _ in await bob.rows(2)] == [failed, parked]
    bob.close()


async def test_silence_is_broken_by_beats(live, monkeypatch):
    """So that both sides know that the other is there; a beat moves the cursor on."""
    monkeypatch.setattr(app, "BEAT_SECONDS", 0.01)
    bob = await watch(live)
    assert [(await bob.event()).name for _ in range(3)] == ["beat"] * 3
    bob.close()


async def test_strangers_are_refused(live, people):
    """No stream, no reading."""
    nobody = await watch(live, "mallory")
    assert (nobody.status, nobody.code) == (401, "signed_out")
    assert not live.feeds["deliveries"].watched
    assert live.open == 0


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/live/passwords", {}, 404),
        ("/live/deliveries", {"sec_fetch_site": "cross-site"}, 403),
        (f"/live/deliveries?state={'x' * 3000}", {}, 400),
    ],
)
async def test_what_is_no_stream_is_refused_without_asking(live, people, path, headers, status):
    """Unknown nouns, other sites' pages, endless addresses."""
    assert (await watch(live, path=path, **headers)).status == status
    assert people.asked == 0


async def test_a_person_has_so_many_streams_and_no_more(live, monkeypatch):
    """A stream that ends makes room."""
    monkeypatch.setattr(app, "PER_PERSON", 2)
    bobs = [await watch(live) for _ in range(2)]
    third = await watch(live)
    assert (third.status, third.code) == (503, "too_many_streams")
    assert third.headers["retry-after"] == "15"
    alice = await watch(live, "alice")
    assert alice.status == 200
    bobs[0].close()
    await until(lambda: live.open == 2)
    assert (await watch(live)).status == 200


async def test_all_together_have_so_many_streams_and_no_more(live, monkeypatch, people):
    """One more costs nothing but the answer."""
    monkeypatch.setattr(app, "IN_ALL", 2)
    alice, charlie = await watch(live, "alice"), await watch(live, "charlie")
    bob = await watch(live)
    assert (bob.status, bob.code) == (503, "streams_full")
    assert people.asked == 2
    for each in (alice, charlie):
        each.close()


async def test_a_session_that_ends_closes_its_streams(live, people, monkeypatch):
    """Whoever may watch no more sees nothing more; others go on."""
    monkeypatch.setattr(app, "ASK_SECONDS", 0.02)
    alice, bob = await watch(live, "alice"), await watch(live)
    del people.known["alice"]
    assert await alice.ends()
    (new,) = people.put(row("aff_alice"))
    assert await bob.rows(1) == [(new, "new")]
    bob.close()


async def test_who_becomes_somebody_else_gets_a_new_stream(live, people, monkeypatch):
    """Bob begins to view as Alice."""
    monkeypatch.setattr(app, "ASK_SECONDS", 0.02)
    bob = await watch(live)
    people.known["bob"] = "aff_alice"
    assert await bob.ends()


async def test_a_question_that_fails_closes_nothing(live, people, monkeypatch):
    """The console is busy; it is asked again."""
    monkeypatch.setattr(app, "ASK_SECONDS", 0.01)
    bob = await watch(live)
    asked = people.asked

    async def broken(scope):
        people.asked += 1
        return Answer(500)

    live._ask = broken
    await until(lambda: people.asked > asked + 2)
    (new,) = people.put(row())
    assert await bob.rows(1) == [(new, "new")]
    bob.close()


async def test_a_reader_that_leaves_is_forgotten(live):
    """And with the last one reading ends."""
    bob = await watch(live)
    bob.close()
    await until(lambda: live.open == 0 and not live.feeds["deliveries"].watched)


async def test_a_client_that_reads_nothing_is_dropped(live, people, monkeypatch):
    """It holds neither memory nor its connection."""
    monkeypatch.setattr(app, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(feeds, "WAITING", 100_000)
    bob = await watch(live)
    bob.writer.transport.pause_reading()
    async with asyncio.timeout(20):
        while live.open:
            people.put(*(row(state="x" * 2000) for _ in range(300)))
            await asyncio.sleep(0.02)
    assert live._by_person["bob"] == 0
    bob.close()


async def test_at_shutdown_streams_end_at_once(live):
    """Properly, so that pages come back to the next process; new ones are refused."""
    bob = await watch(live)
    await bob.event()
    live.hang_up()
    assert await bob.ends(2)
    assert (await watch(live)).code == "streams_full"
    await until(lambda: live.open == 0)
