"""The roles in processes of their own: edge, deliver and console on PostgreSQL; one of a kind on SQLite."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.journeys.conftest import SETTINGS, database
from tests.journeys.process import Installation, eventually
from tests.journeys.world import make_scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.receiver import Receiver


@pytest.fixture
def apart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Installation]]:
    """Two edges, two workers and a console on one PostgreSQL."""
    with ExitStack() as stack:
        url = stack.enter_context(database(request, "postgres", tmp_path))
        processes = {}
        for name in ("edge 1", "edge 2", "deliver 1", "deliver 2", "console"):
            folder = tmp_path / name
            folder.mkdir()
            processes[name] = Installation(url, folder, SETTINGS)
            stack.callback(processes[name].stop)
            processes[name].start(name.split()[0])
        yield processes


@pytest.mark.slow
def test_a_click_on_one_edge_converts_on_the_other_and_is_delivered(
    apart: dict[str, Installation], tracker: Receiver
):
    """Bob sets up at the console; the click, its report and its callback each meet another process."""
    bob = apart["console"].manager()
    first, second = apart["edge 1"].client(), apart["edge 2"].client()
    scene = make_scene(bob, edges=(first, second))
    scene.postback(tracker.url("/postback"))
    count = 30
    for number in range(count):
        click_id = first.click(scene.code, sub1=f"visitor-{number}")
        assert second.report(click_id=click_id).status == 200
    arrived = tracker.wait(count)
    assert {one.query["subid"] for one in arrived} == {f"visitor-{number}" for number in range(count)}
    eventually(
        lambda: not list(bob.every("deliveries", state="pending,leased,retrying")), what="all are finished"
    )
    assert tracker.count == count


def test_a_second_server_on_one_sqlite_file_is_refused_with_the_reason(
    request: pytest.FixtureRequest, tmp_path: Path
):
    """Two data planes would not see each other's work; the second one says who is there."""
    with database(request, "sqlite", tmp_path) as url:
        first, second = Installation(url, tmp_path, SETTINGS), Installation(url, tmp_path, SETTINGS)
        first.start()
        try:
            done = second.run("serve", "--port", "0", code=1)
        finally:
            assert first.stop() == 0
    assert done.stdout == ""
    assert "redound serve" in done.stderr
    assert "PostgreSQL" in done.stderr


def test_a_port_in_use_is_said_before_anything_starts(request: pytest.FixtureRequest, tmp_path: Path):
    """The error names the port and what to do."""
    with database(request, "sqlite", tmp_path) as url:
        first = Installation(url, tmp_path, SETTINGS)
        port = first.start().rpartition(":")[2]
        try:
            done = first.run("console", "--port", port, code=1)
        finally:
            first.stop()
    assert port in done.stderr
    assert "--port" in done.stderr
