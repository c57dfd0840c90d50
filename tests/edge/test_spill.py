"""The database is away: clicks go to disk, visitors go on, and nothing is lost or counted twice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.catalog import Event, PayoutModel
from redound.core.decisions import decide_click
from redound.edge.minting import mint
from redound.edge.spill import OpenedClick, Spill, decode, encode
from redound.store.memory import MemoryStore
from redound.store.port import StoreUnavailableError
from tests.builders import make_click, make_click_id, make_link, make_offer, make_postback, make_world
from tests.edge.client import until
from tests.edge.conftest import configuration

CODE = make_link().code
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def clicks(*numbers: int) -> list[OpenedClick]:
    """Clicks in the order of their times."""
    return [OpenedClick(make_click(id=make_click_id(number), created_at=number)) for number in numbers]


class Sink:
    """Takes what is replayed."""

    def __init__(self) -> None:
        self.taken: list[OpenedClick] = []
        self.fail_after = -1

    async def add(self, batch) -> None:
        """Take a batch, until it is time to fail."""
        if self.fail_after == 0:
            raise StoreUnavailableError
        self.fail_after -= 1
        self.taken += batch


async def test_a_visitor_goes_on_while_the_database_is_away(edge):
    """302 all the same; the click is on disk, and in the database once that is back."""
    edge.store.unavailable = True
    answer = await edge.ask(f"/c/{CODE}?sub1=during")
    assert answer.status == 302
    assert not edge.store.clicks
    edge.store.unavailable = False
    await edge.edge._keeper.replay()
    (click,) = edge.store.clicks.values()
    assert click.params == {"sub1": "during"}
    assert answer.headers["location"].endswith(click.id)
    assert edge.edge.counters.clicks_replayed == 1


async def test_it_is_replayed_without_being_asked(edge, monkeypatch):
    """The follower looks by itself."""
    monkeypatch.setattr("redound.edge.keeping.LOOK_SECONDS", 0.001)
    edge.store.unavailable = True
    for number in range(3):
        await edge.ask(f"/c/{CODE}?sub1={number}")
    edge.store.unavailable = False
    await until(lambda: len(edge.store.clicks) == 3)
    assert [click.params["sub1"] for click in edge.store.clicks.values()] == ["0", "1", "2"]


async def test_what_an_earlier_process_left_is_replayed_at_the_start(tmp_path, edge_of):
    """A kill -9 between redirect and replay loses nothing."""
    earlier = Spill(tmp_path / "spill")
    await earlier.write(clicks(1, 2))
    await earlier.close()
    edge = await edge_of()
    assert len(edge.store.clicks) == 2
    assert not list((tmp_path / "spill").iterdir())


async def test_a_report_for_a_click_not_yet_replayed_is_asked_to_come_again(edge):
    """Otherwise it would be refused as click_not_found, for good."""
    edge.store.unavailable = True
    location = (await edge.ask(f"/c/{CODE}")).headers["location"]
    click_id = location.rpartition("=")[2]
    edge.store.unavailable = False
    answer = await edge.ask(f"/postback?click_id={click_id.upper()}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    await edge.edge._keeper.replay()
    assert (await edge.ask(f"/postback?click_id={click_id}")).verdict == "accepted"


async def test_other_reports_are_taken_meanwhile(edge):
    """Only clicks of the time that waits on disk are asked to wait."""
    await edge.store.add_clicks([make_click()])
    edge.store.unavailable = True
    await edge.ask(f"/c/{CODE}")
    edge.store.unavailable = False
    assert (await edge.ask(f"/postback?click_id={make_click().id}")).status in {200, 404}


async def test_when_the_disk_fails_too_the_visitor_is_asked_to_come_again(edge, monkeypatch):
    """A redirect would lose Alice's click."""
    edge.store.unavailable = True

    async def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(edge.edge._spill, "write", full)
    answer = await edge.ask(f"/c/{CODE}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "location" not in answer.headers


async def test_a_batch_the_database_chokes_on_goes_to_disk(edge):
    """An unforeseen error of the store is no reason to lose a click either."""
    add_clicks = edge.store.add_clicks

    async def chokes(*_):
        raise RuntimeError("unforeseen")

    edge.store.add_clicks = chokes
    assert (await edge.ask(f"/c/{CODE}")).status == 302
    edge.store.add_clicks = add_clicks
    await edge.edge._keeper.replay()
    assert len(edge.store.clicks) == 1


async def test_a_cpc_clicks_deliveries_survive_the_disk(edge_of):
    """What a click owes is replayed with it, once."""
    postback = make_postback(event=Event.CLICK, statuses=frozenset())
    edge = await edge_of(make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5), postback)
    edge.store.unavailable = True
    await edge.ask(f"/c/{CODE}")
    edge.store.unavailable = False
    await edge.edge._keeper.replay()
    assert len(edge.store.deliveries) == 1
    assert len(edge.hints) == 1


async def test_replay_keeps_the_order(tmp_path):
    """Over several files and batches, the clicks come as they went."""
    spill, sink = Spill(tmp_path), Sink()
    for number in range(1, 1200, 100):
        await spill.write(clicks(*range(number, number + 100)))
        if number % 300 == 1:
            spill._rotate()
    assert await spill.replay(sink.add) == 1200
    assert [opened.click.created_at for opened in sink.taken] == list(range(1, 1201))
    assert not spill.pending
    assert not list(tmp_path.iterdir())


async def test_a_replay_that_breaks_off_begins_again_and_loses_nothing(tmp_path):
    """The database goes away in the middle; the file stays until all of it is stored."""
    spill, sink = Spill(tmp_path), Sink()
    await spill.write(clicks(*range(1, 1201)))
    sink.fail_after = 1
    with pytest.raises(StoreUnavailableError):
        await spill.replay(sink.add)
    assert spill.pending
    sink.fail_after = -1
    await spill.replay(sink.add)
    assert {opened.click.created_at for opened in sink.taken} == set(range(1, 1201))


async def test_a_click_known_already_is_left_alone(tmp_path):
    """Replaying twice stores once."""
    store = MemoryStore(configuration())
    spill = Spill(tmp_path)

    async def add(batch):
        await store.add_clicks([opened.click for opened in batch])

    await spill.write(clicks(1, 2))
    kept = [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    await spill.replay(add)
    for name, content in kept:
        (tmp_path / name).write_bytes(content)
    await Spill(tmp_path).replay(add)
    assert len(store.clicks) == 2


@pytest.mark.parametrize("cut", [1, 10, 60])
async def test_a_torn_last_line_is_left_out(tmp_path, cut):
    """The process died while writing it: that visitor was not redirected yet."""
    spill = Spill(tmp_path)
    await spill.write(clicks(1, 2, 3))
    await spill.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-cut])
    sink = Sink()
    await Spill(tmp_path).replay(sink.add)
    assert [opened.click.created_at for opened in sink.taken] == [1, 2]


async def test_a_damaged_line_is_set_aside_and_the_others_are_stored(tmp_path):
    """A bit flipped on disk: the line is kept for whoever looks into it."""
    spill = Spill(tmp_path)
    await spill.write(clicks(1, 2, 3))
    await spill.close()
    (path,) = tmp_path.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"lnk_banner", b"lnk_bonner")
    path.write_bytes(b"".join(lines))
    sink = Sink()
    await Spill(tmp_path).replay(sink.add)
    assert [opened.click.created_at for opened in sink.taken] == [1, 3]
    (refused,) = tmp_path.iterdir()
    assert refused.suffix == ".refused"
    assert refused.read_bytes() == lines[1]


async def test_one_click_that_the_database_refuses_does_not_hold_back_the_others(tmp_path):
    """It is set aside; the file is done with."""
    spill, sink = Spill(tmp_path), Sink()
    await spill.write(clicks(1, 2, 3))

    async def picky(batch):
        if any(opened.click.created_at == 2 for opened in batch):
            raise ValueError("never")
        await sink.add(batch)

    await spill.replay(picky)
    assert [opened.click.created_at for opened in sink.taken] == [1, 3]
    assert [path.suffix for path in tmp_path.iterdir()] == [".refused"]
    assert not spill.pending


async def test_files_of_a_living_process_are_left_to_it(tmp_path):
    """Two edges share a folder: each replays its own, and what nobody holds."""
    mine, other, sink = Spill(tmp_path), Spill(tmp_path), Sink()
    await other.write(clicks(1))
    await mine.write(clicks(2))
    await mine.replay(sink.add)
    assert [opened.click.created_at for opened in sink.taken] == [2]
    await other.close()
    await mine.replay(sink.add)
    assert [opened.click.created_at for opened in sink.taken] == [2, 1]


async def test_clicks_survive_a_kill(tmp_path):
    """What was written when `write` returned is there after kill -9."""
    script = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from redound.edge.spill import Spill\n"
        "from tests.edge.test_spill import clicks\n"
        "async def main():\n"
        "    await Spill(Path(sys.argv[1])).write(clicks(1, 2, 3))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path), cwd=root)
    assert await killed.wait() == -9
    sink = Sink()
    await Spill(tmp_path).replay(sink.add)
    assert [opened.click.created_at for opened in sink.taken] == [1, 2, 3]


@given(params=st.dictionaries(TEXT, TEXT, max_size=5), agent=TEXT)
def test_a_click_is_read_back_as_it_was(params, agent):
    """With all that visitors put into it."""
    opened = OpenedClick(make_click(params=params, user_agent=agent))
    assert decode(encode(opened)) == opened


def test_a_clicks_deliveries_are_read_back_as_they_were():
    """Frozen values and all."""
    offer = make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5)
    world = make_world(offer, make_postback(event=Event.CLICK, statuses=frozenset()))
    click = make_click()
    opened = OpenedClick(click, tuple(decide_click(click, world, mint)))
    assert len(opened.deliveries) == 1
    assert decode(encode(opened)) == opened


@given(st.binary(max_size=60))
def test_no_line_is_an_error_of_ours(line):
    """Whatever stands on disk."""
    assert decode(line) is None
