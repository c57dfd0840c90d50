"""What has served its purpose goes by itself, in small portions; what is still needed stays."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from redound.delivery.retention import Forgetting, KeptDays
from redound.delivery.tidying import UPLOAD_SECONDS, Tidying
from redound.store.leftovers import Leftovers
from redound.store.retention import Retention
from tests.builders import DAY_MS, HOUR_MS, NOW_MS
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class House:
    """An installation with what time has left in it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url)
        self.folder = folder
        # Who holds the keys does not matter here.
        off = (
            "PRAGMA foreign_keys = OFF" if self.database.sqlite else "SET session_replication_role = replica"
        )
        self.database.run(off)
        if not self.database.sqlite:
            self.database.run("SET TIME ZONE 'UTC'")
        self.store: Any
        if self.database.sqlite:
            from pathlib import Path

            from redound.store.sqlite import SqliteStore

            self.store = SqliteStore(Path(url.removeprefix("sqlite:///")))
        else:
            from redound.store.postgres import PostgresStore

            self.store = PostgresStore(url)

    async def tidy(self, *, imports: int = 0, reports: int = 0) -> dict[str, int]:
        """Let a minute's round do its work, two rows at a time."""
        tidying = Tidying(Leftovers(self.store), self.folder, import_days=imports, cap_days=reports)
        forgetting = Forgetting(
            Retention(self.store), KeptDays(), tidying, node="node-a", clock=lambda: NOW_MS, rest=0, at_once=2
        )
        return dict(await forgetting.round())

    def put(self, table: str, **values: Any) -> None:
        """Store a row."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.database.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())

    def left(self, table: str, column: str = "id") -> list[Any]:
        """What is left in a table."""
        return [row[0] for row in self.database.run(f"SELECT {column} FROM {table} ORDER BY {column}")]

    def an_import(self, import_id: str, ended_ms: int, rows: int = 5, *, dry_run: bool = False) -> None:
        """An import of so many rows, and the copy of its file."""
        path = self.folder / f"{import_id}.csv"
        path.write_text("click_id\nx\n")
        old = time.time() - UPLOAD_SECONDS - 1
        os.utime(path, (old, old))
        self.put(
            "imports", id=import_id, identity=import_id, kind="conversions", mapping="{}", columns="{}",
            file_name="sales.csv", path=str(path), digest="d", size_bytes=1, dry_run=dry_run, state="done",
            holder="", next_row=0, read_bytes=1, counts="{}", error="", created_by="Bob",
            created_at=moment(ended_ms), finished_at=moment(ended_ms),
        )  # fmt: skip
        for number in range(2, rows + 2):
            self.put(
                "import_rows", import_id=import_id, number=number, verdict="accepted", column_name="",
                detail="", subject="",
            )  # fmt: skip

    def files(self) -> list[str]:
        """The copies that are left."""
        return sorted(path.stem for path in self.folder.glob("*.csv"))


def moment(ms: int) -> str:
    """A time as configuration tables have it; PostgreSQL's session is told that it is UTC."""
    return f"{datetime.fromtimestamp(ms / 1000, tz=UTC):%Y-%m-%d %H:%M:%S.%f}"


@pytest_asyncio.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """An installation on each database."""
    house = House(database_url, tmp_path)
    await house.store.open()
    yield house
    await house.store.close()
    house.database.close()


async def test_a_tidy_house_stays_as_it_is(house):
    """Nothing to do is nothing done."""
    assert await house.tidy(imports=1, reports=1) == {}


async def test_expired_bins_go_with_what_they_caught(house):
    """A bin that is alive keeps its requests."""
    for name, expires_at in (("bin_old", NOW_MS - 1), ("bin_new", NOW_MS + HOUR_MS)):
        house.put(
            "bins", id=name, name=name, token=name, status=200, delay_ms=0, body="OK", expires_at=expires_at,
            created_at=moment(NOW_MS), updated_at=moment(NOW_MS),
        )  # fmt: skip
        for number in range(5):
            house.put(
                "bin_requests", id=f"{name}{number}", bin_id=name, at=NOW_MS, method="GET", path="",
                query="", headers="[]", body="", truncated=False, ip="",
            )  # fmt: skip
    assert await house.tidy() == {"bin_requests": 5, "bins": 1}
    assert house.left("bins") == ["bin_new"]
    assert len(house.left("bin_requests")) == 5


async def test_answers_for_repeated_posts_are_kept_for_a_day(house):
    """After that the same Idempotency-Key is a new one."""
    for number, age_ms in enumerate((3 * DAY_MS, 2 * DAY_MS, DAY_MS + 2000, DAY_MS - 2000, 0), 1):
        house.put(
            "repeatable_posts", id=number, api_key_id="key_1", idempotency_key=f"k{number}", fingerprint="f",
            started_at=moment(NOW_MS - age_ms), status=200, answer="",
        )  # fmt: skip
    assert await house.tidy() == {"repeatable_posts": 3}
    assert house.left("repeatable_posts") == [4, 5]


async def test_bulk_jobs_go_a_month_after_they_were_last_heard_of(house):
    """One that was counted and never started goes, too; one that ended yesterday stays."""
    old, recent = moment(NOW_MS - 31 * DAY_MS), moment(NOW_MS - DAY_MS)
    for name, made, ended in (("job_1", old, old), ("job_2", old, None), ("job_3", old, recent)):
        house.put(
            "jobs", id=name, kind="k", wanted="{}", state="done" if ended else "counted", stop_wanted=False,
            total=0, done=0, cursor="", counted="{}", counts="{}", error="", holder="", by="Bob",
            created_at=made, finished_at=ended,
        )  # fmt: skip
    assert await house.tidy() == {"jobs": 2}
    assert house.left("jobs") == ["job_3"]


async def test_counts_of_daily_caps_go_with_the_reports_of_their_day(house):
    """As long as a report is kept it may be judged again, and counts under its own day."""
    today = f"{datetime.fromtimestamp(NOW_MS / 1000, tz=UTC):%Y-%m-%d}"
    for key in ("ofr_1/2020-01-01", "aff_1/2020-01-02", f"ofr_1/{today}", "ofr_1/total"):
        house.put("cap_counts", key=key, n=1)
    assert await house.tidy() == {}
    assert await house.tidy(reports=3) == {"cap_counts": 2}
    assert set(house.left("cap_counts", "key")) == {f"ofr_1/{today}", "ofr_1/total"}


async def test_an_old_import_loses_its_file_and_verdicts_and_is_known_for_ever(house):
    """What it applied stays; a recent one keeps everything."""
    house.an_import("imp_old", NOW_MS - 91 * DAY_MS)
    house.an_import("imp_new", NOW_MS - 89 * DAY_MS)
    assert await house.tidy() == {}
    done = await house.tidy(imports=90)
    assert done == {"imports_forgotten": 1, "import_rows": 5, "import_files": 1}
    assert house.left("imports") == ["imp_new", "imp_old"]
    assert house.left("import_rows", "import_id") == ["imp_new"] * 5
    assert house.files() == ["imp_new"]
    assert await house.tidy(imports=90) == {}


async def test_an_old_dry_run_goes_whole(house):
    """Nothing of it was applied, so its file is as good as new."""
    house.an_import("imp_dry", NOW_MS - 91 * DAY_MS, dry_run=True)
    await house.tidy(imports=90)
    assert (house.left("imports"), house.files()) == ([], [])


async def test_a_file_that_never_became_an_import_goes_when_it_is_old(house):
    """The console died while it came in; one that is coming in now is left alone."""
    house.an_import("imp_dead", NOW_MS, rows=0)
    house.database.run("DELETE FROM imports")
    (house.folder / "imp_coming.csv").write_text("click_id\n")
    assert await house.tidy() == {"import_files": 1}
    assert house.files() == ["imp_coming"]
