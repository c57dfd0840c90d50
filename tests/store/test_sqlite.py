"""What is particular to SQLite: one data plane, group commit, durability, and other writers beside it."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from redound.core.ids import mint_click_id
from redound.gate import gate_for
from redound.store.port import StoreRefusedError, StoreUnavailableError
from redound.store.sqlite import SqliteStore, checkpoints, connection
from tests.builders import KEYS, LINK_NUMBER, NOW_MS, make_click
from tests.store.actors import a_delivery, a_report, no_worker, sale


def some_clicks(count, start=0):
    """So many clicks with IDs of their own."""
    return [
        make_click(id=mint_click_id(KEYS, NOW_MS, LINK_NUMBER, (start + number).to_bytes(4) * 2))
        for number in range(count)
    ]


@pytest.fixture
async def store(sqlite_file):
    """An opened store."""
    store = SqliteStore(sqlite_file, who="the first")
    await store.open()
    yield store
    await store.close()


async def test_a_second_data_plane_is_refused_with_the_reason(store, sqlite_file):
    """The message names the file, who has it, and what to do."""
    with pytest.raises(StoreRefusedError, match=r"already served by the first \(process \d+\).*PostgreSQL"):
        await (second := SqliteStore(sqlite_file)).open()
    await second.close()
    with pytest.raises(StoreRefusedError):
        await second.open()
    await store.close()
    again = SqliteStore(sqlite_file)
    await again.open()
    await again.close()
    await store.close()


async def test_a_database_that_is_not_there_or_not_migrated_is_refused(tmp_path):
    """The message names the next command."""
    with pytest.raises(StoreRefusedError, match="redound init"):
        await SqliteStore(tmp_path / "none.sqlite3").open()
    sqlite3.connect(tmp_path / "empty.sqlite3").execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(StoreRefusedError, match="redound migrate"):
        await SqliteStore(tmp_path / "empty.sqlite3").open()
    (tmp_path / "text.sqlite3").write_text("not a database at all, but long enough to be looked at" * 9)
    with pytest.raises(StoreRefusedError, match="not a database"):
        await SqliteStore(tmp_path / "text.sqlite3").open()


async def test_a_closed_store_says_so(sqlite_file):
    """Nothing hangs."""
    store = SqliteStore(sqlite_file)
    with pytest.raises(StoreUnavailableError):
        await store.add_clicks(some_clicks(1))
    await store.open()
    await store.close()
    with pytest.raises(StoreUnavailableError):
        await store.ping()
    with pytest.raises(StoreUnavailableError):
        await store.find_clicks(["x"])


async def test_what_waits_is_committed_together(store):
    """A hundred callers at once share a few commits."""
    before = store.writer.commits
    await asyncio.gather(*(store.add_clicks([click]) for click in some_clicks(100)))
    assert store.writer.commits - before <= 3


async def test_closing_finishes_what_was_taken(sqlite_file):
    """Every call that was made before the end is answered and durable."""
    store = SqliteStore(sqlite_file)
    await store.open()
    calls = [asyncio.create_task(store.add_clicks([click])) for click in some_clicks(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*calls)
    assert sqlite3.connect(sqlite_file).execute("SELECT count(*) FROM clicks").fetchone() == (20,)


async def test_a_caller_that_gave_up_hinders_nobody(store):
    """Its task is cancelled; the others of the commit get their answers."""
    first, second = some_clicks(2)
    lost = asyncio.create_task(store.add_clicks([first]))
    await asyncio.sleep(0)
    lost.cancel()
    await store.add_clicks([second])
    with pytest.raises(asyncio.CancelledError):
        await lost


async def test_a_locked_database_is_unavailable_and_then_serves_again(sqlite_file, monkeypatch):
    """Another process holds the write lock for too long: nothing is stored; afterwards all is well."""
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    store = SqliteStore(sqlite_file)
    await store.open()
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    (click,) = some_clicks(1)
    with pytest.raises(StoreUnavailableError, match="locked"):
        await store.add_clicks([click])
    other.execute("ROLLBACK")
    assert await store.find_clicks([click.id]) == {}
    await store.add_clicks([click])
    assert len(await store.find_clicks([click.id])) == 1
    await store.close()


async def test_one_bad_job_fails_alone(store):
    """A delivery that cannot be stored fails its caller; the other callers of that commit do not notice."""
    good = some_clicks(5)
    bad = replace(a_delivery(), values={"sub1": "\ud800"})
    calls = [store.add_clicks([click]) for click in good]
    results = await asyncio.gather(*calls, store.add_clicks([make_click()], [bad]), return_exceptions=True)
    assert results[:5] == [None] * 5
    assert isinstance(results[5], TypeError)
    assert len(await store.find_clicks([click.id for click in good])) == 5


async def test_the_log_stays_bounded_under_load(store, sqlite_file, monkeypatch):
    """However much is written without a pause, the write-ahead log starts over."""
    monkeypatch.setattr(checkpoints, "CHECKPOINT_BYTES", 200_000)
    monkeypatch.setattr(checkpoints, "BOUND_BYTES", 400_000)
    write_ahead_log = Path(f"{sqlite_file}-wal")
    sizes = []
    for round_number in range(150):
        await store.add_clicks(some_clicks(50, start=50 * round_number))
        sizes.append(write_ahead_log.stat().st_size)
    assert max(sizes) < 6_000_000


async def test_another_thread_of_this_process_gets_its_turn(store, sqlite_file):
    """Django's writes go through the gate: under a flood of clicks each of twenty gets in."""
    gate = gate_for(sqlite_file)
    done = []

    def console():
        db = sqlite3.connect(sqlite_file, isolation_level=None, timeout=0)
        for number in range(20):
            with gate:
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO workers VALUES (?, 'console', 0, 0)", [f"n{number}"])
                db.execute("COMMIT")
            done.append(number)
        db.close()

    thread = threading.Thread(target=console)
    thread.start()
    number = 0
    while thread.is_alive():
        await store.add_clicks(some_clicks(20, start=20 * number))
        number += 1
    thread.join()
    assert len(done) == 20


_GUEST = """
import sqlite3, sys, time
from redound.gate import gate_for
gate = gate_for(sys.argv[1])
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
for number in range(10):
    with gate:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO workers VALUES (?, 'guest', 0, 0)", [f"g{number}"])
        db.execute("COMMIT")
print("done")
"""


async def test_a_command_beside_the_running_server_gets_its_turn(store, sqlite_file):
    """`redound key create` under a flood of clicks: the server lets the other process go first."""
    guest = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _GUEST, str(sqlite_file), stdout=subprocess.PIPE
    )
    waiting = asyncio.create_task(guest.communicate())
    number = 0
    while not waiting.done():
        await asyncio.gather(*(store.add_clicks(some_clicks(20, start=20 * (number + n))) for n in range(3)))
        number += 3
    assert (await waiting)[0] == b"done\n"


_VICTIM = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from redound.store.sqlite import SqliteStore
from tests.store.test_sqlite import some_clicks
from tests.store.actors import a_report, no_worker, sale

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    async def flood(start):
        for number in range(start, start + 100_000):
            (click,) = some_clicks(1, start=number)
            await store.add_clicks([click])
            decisions, _ = await store.apply_reports([a_report(click_id=click.id)], sale(), no_worker)
            print(click.id, decisions[0].outcome.verdict.value, flush=True)
    await asyncio.gather(*(flood(100_000 * n) for n in range(8)))

asyncio.run(main())
"""


async def test_nothing_answered_is_lost_by_a_kill(sqlite_file):
    """Killed in the middle of a flood: every click and sale that was answered is there, whole."""
    root = str(Path(__file__).parents[2])
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _VICTIM, str(sqlite_file), root, stdout=subprocess.PIPE
    )
    answered = [await victim.stdout.readline() for _ in range(200)]
    victim.send_signal(signal.SIGKILL)
    rest = await victim.stdout.read()
    await victim.wait()
    lines = [
        line.decode().split() for line in (*answered, *rest.splitlines(keepends=True)) if line.endswith(b"\n")
    ]
    store = SqliteStore(sqlite_file)
    await store.open()
    ids = [click_id for click_id, _ in lines]
    assert len(ids) >= 200
    assert {verdict for _, verdict in lines} == {"accepted"}
    assert set(await store.find_clicks(ids)) == set(ids)
    again, _ = await store.apply_reports([a_report(click_id=each) for each in ids], sale(), no_worker)
    assert {each.outcome.verdict.value for each in again} == {"duplicate"}
    db = sqlite3.connect(sqlite_file)
    accepted = "SELECT count(*) FROM reports WHERE verdict = 'accepted'"
    (wholes,) = db.execute(accepted).fetchone()
    for table in ("conversions", "transitions", "deliveries", "due"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (wholes,)
    await store.close()
