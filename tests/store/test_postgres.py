"""What is particular to PostgreSQL: several processes at once, partitions, addresses, a server that goes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import psycopg
import pytest

from redound.core.conversions import Accepted
from redound.core.ids import mint_click_id
from redound.core.states import Status
from redound.store.port import StoreRefusedError, StoreUnavailableError
from redound.store.postgres import PostgresStore
from redound.store.postgres.connection import asyncpg_dsn
from tests.builders import DAY_MS, KEYS, LINK_NUMBER, NOW_MS, make_click, make_conversion
from tests.store.actors import a_delivery, a_report, accepted, fresh, no_worker, sale
from tests.store.conftest import clock, world
from tests.store.rig import Database, Rig


@pytest.fixture
async def two(postgres_url):
    """Two processes on one database."""
    database = Database(postgres_url)
    rigs = [Rig(PostgresStore(postgres_url, clock=clock), database) for _ in range(2)]
    rigs[0].configure(*world())
    for rig in rigs:
        await rig.store.open()
    yield rigs
    for rig in rigs:
        await rig.store.close()
    database.close()


async def test_processes_that_report_the_same_sale_make_one_conversion(two):
    """Each round both hear of a click's sale at the same moment: one accepts, the other judges again."""
    first, second = two
    for number in range(20):
        click = make_click(id=mint_click_id(KEYS, NOW_MS, LINK_NUMBER, number.to_bytes(4) * 2))
        await first.store.add_clicks([click])
        found = await asyncio.gather(
            *(
                rig.store.apply_reports([a_report(click_id=click.id)], sale(), no_worker)
                for rig in (first, second)
            )
        )
        verdicts = sorted(decisions[0].outcome.verdict.value for decisions, _ in found)
        assert verdicts == ["accepted", "duplicate"]
    assert first.count("conversions") == first.count("deliveries") == 20


async def test_processes_that_change_one_conversion_follow_each_other(two):
    """Eight changes from two processes: each is made from the version before it, none is lost."""
    first, second = two
    await first.store.add_clicks([make_click()])
    await first.store.apply_reports([a_report()], sale(), no_worker)

    def decide(incoming, facts):
        (known,) = facts.by_click
        status = Status.HOLD if known.status is not Status.HOLD else Status.PENDING
        changed = replace(known, status=status, version=known.version + 1)
        return accepted(incoming, changed, created=False, was=known.status, postbacks=())

    found = await asyncio.gather(
        *(rig.store.apply_reports([a_report()], decide, no_worker) for rig in (first, second) * 4)
    )
    versions = sorted(decisions[0].outcome.conversion.version for decisions, _ in found)
    assert versions == list(range(2, 10))
    assert first.count("transitions") == 9


async def test_a_txid_that_another_click_took_makes_a_duplicate(two):
    """The same order number from two clicks in two processes."""
    first, second = two
    clicks = [make_click(id=mint_click_id(KEYS, NOW_MS, LINK_NUMBER, bytes([n]) * 8)) for n in (1, 2)]
    await first.store.add_clicks(clicks)
    found = await asyncio.gather(
        *(
            rig.store.apply_reports([a_report(click_id=click.id, txid="order-1")], sale(), no_worker)
            for rig, click in zip(two, clicks, strict=True)
        )
    )
    assert sorted(decisions[0].outcome.verdict.value for decisions, _ in found) == ["accepted", "duplicate"]
    assert second.count("conversions") == 1


async def test_a_report_with_nul_falls_out_alone(two):
    """PostgreSQL keeps no NUL in text: that report is internal_error, its neighbours are applied."""
    rig = two[0]
    await rig.store.add_clicks([make_click()])
    reports = [a_report(), replace(a_report(), raw_query="x=\0"), a_report()]
    decisions, _ = await rig.store.apply_reports(reports, sale(), no_worker)
    assert [each.outcome.verdict.value for each in decisions] == ["accepted", "internal_error", "duplicate"]
    assert rig.verdicts() == ["accepted", "internal_error", "duplicate"]


async def test_a_conversion_that_never_fits_is_an_internal_error(two):
    """A decision that goes on proposing a slot that is taken is given up, and the report is kept."""
    rig = two[0]
    await rig.store.add_clicks([make_click()])
    await rig.store.apply_reports([a_report()], sale(), no_worker)
    slot = f"{make_click().id}/gol_sale"

    def stubborn(incoming, facts):
        return accepted(incoming, make_conversion(id=fresh("cnv"), slot=slot), created=True)

    decisions, leased = await rig.store.apply_reports([a_report()], stubborn, no_worker)
    assert decisions[0].outcome.verdict.value == "internal_error"
    assert leased == []
    assert (rig.count("conversions"), rig.count("reports"), rig.count("deliveries")) == (1, 2, 1)


async def test_partitions_are_made_ahead_and_hold_their_day(two):
    """Today's rows are in today's partition; a day that nobody prepared goes into the default one."""
    rig = two[0]
    await rig.store.add_clicks([make_click(created_at=NOW_MS), make_click(created_at=NOW_MS - 400 * DAY_MS)])
    where = [row[0] for row in rig.database.run("SELECT tableoid::regclass::text FROM clicks ORDER BY id")]
    assert where == ["clicks_default", "clicks_20261120"]
    assert (await rig.store.chores(NOW_MS + DAY_MS))["partitions_made"] == 3
    assert (await rig.store.chores(NOW_MS + DAY_MS))["partitions_made"] == 0


async def test_a_partition_whose_rows_came_first_is_left_out(two):
    """Rows of that day lie in the default partition already: nothing breaks, and they are found."""
    rig = two[0]
    far = make_click(created_at=NOW_MS + 9 * DAY_MS)
    await rig.store.add_clicks([far])
    done = await rig.store.chores(NOW_MS + 9 * DAY_MS)
    assert done["partitions_made"] == 11
    assert await rig.store.find_clicks([far.id]) == {far.id: far}


async def test_outcomes_in_two_processes_do_not_wait_for_each_other_forever(two):
    """Both record deliveries of the same postbacks in opposite orders: no deadlock is left to the caller."""
    from redound.core.deliveries import Queue
    from redound.store.port import Wanted
    from tests.store.actors import attempt, keep

    first, second = two
    names = [f"pbk_{n}" for n in range(6)]
    for _ in range(5):
        await first.store.add_clicks([], [a_delivery(postback_id=name) for name in names * 4])
        lanes = [Wanted(Queue.FRESH, name, 2) for name in names]
        mine, theirs = await asyncio.gather(
            first.store.claim(lanes, "a:1", NOW_MS, NOW_MS + 1),
            second.store.claim(lanes, "b:1", NOW_MS, NOW_MS + 1),
        )
        await asyncio.gather(
            first.store.record([attempt(each) for each in mine], keep),
            second.store.record([attempt(each) for each in reversed(theirs)], keep),
        )
    assert first.count("attempts") > 0


async def test_a_server_that_is_gone_is_unavailable(postgres_url):
    """Connections are cut: the call fails as unavailable or goes through on a new one; then all is well."""
    store = PostgresStore(postgres_url)
    await store.open()
    await store.add_clicks([make_click()])
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    for _ in range(20):
        try:
            await store.ping()
            break
        except StoreUnavailableError:
            continue
    assert len(await store.find_clicks([make_click().id])) == 1
    await store.close()
    with pytest.raises(StoreUnavailableError):
        await store.ping()


async def test_a_database_that_cannot_be_reached_or_is_not_migrated_says_so(postgres_server, tmp_path):
    """Each with its own remedy."""
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await PostgresStore(f"postgresql://postgres@/x?host={tmp_path}").open()
    name = postgres_server.create()
    with pytest.raises(StoreRefusedError, match="redound migrate"):
        await PostgresStore(postgres_server.url(name)).open()
    postgres_server.drop(name)


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://postgres@/{name}?host={folder}",
        "postgresql://postgres@{quoted}/{name}",
        "postgresql:///{name}?host={folder}&user=postgres&connect_timeout=5&keepalives=1&application_name=redound",
        "host={folder} dbname={name} user=postgres sslmode=prefer",
    ],
)
async def test_addresses_are_what_libpq_takes(postgres_url, form):
    """Socket folders in the query or as the host, key and value pairs, and settings of libpq's own."""
    from psycopg.conninfo import conninfo_to_dict

    given = conninfo_to_dict(postgres_url)
    folder, name = given["host"], given["dbname"]
    dsn = asyncpg_dsn(form.format(folder=folder, name=name, quoted=folder.replace("/", "%2F")))
    db = await asyncpg.connect(dsn)
    assert await db.fetchval("SELECT current_database()") == name
    await db.close()


async def test_an_accepted_report_is_whole(two):
    """Counted once more where the rows are: everything of a sale, nothing twice."""
    rig = two[0]
    await rig.store.add_clicks([make_click()])
    decisions, _ = await rig.store.apply_reports([a_report(), a_report()], sale(), no_worker)
    assert isinstance(decisions[0].outcome, Accepted)
    counts = {
        noun: rig.count(noun) for noun in ("reports", "conversions", "transitions", "deliveries", "due")
    }
    assert counts == {"reports": 2, "conversions": 1, "transitions": 1, "deliveries": 1, "due": 1}
