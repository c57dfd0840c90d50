"""Bob sends files to the API, follows them and reads the verdicts."""

from __future__ import annotations

import pytest

from tests.console.traffic import open_click


@pytest.fixture
def spawned(monkeypatch, tmp_path) -> list[str]:
    """The imports for which a process was begun; here they run at once."""
    import dataclasses

    from redound.console import runtime
    from redound.console.imports import running, starting

    found: list[str] = []

    def spawn(import_id: str) -> None:
        found.append(import_id)
        running.run(import_id)

    ours = dataclasses.replace(runtime.settings(), data_dir=tmp_path)
    monkeypatch.setattr(runtime, "settings", lambda: ours)
    monkeypatch.setattr(starting, "_spawn", spawn)
    return found


def test_a_file_is_judged_then_applied(world, spawned, tmp_path):
    """A dry run first; the verdicts of each row, page by page; then the import itself."""
    text = f"click_id,goal\n{open_click(world)},sale\nabc,sale\nxyz,sale\n"
    answer = world.bob.post("imports?kind=conversions&file_name=day.csv", text)
    assert answer.status == 201, answer.json
    path = f"imports/{answer.json['id']}"
    assert answer.headers["Location"].endswith(path)
    assert (tmp_path / "imports" / f"{answer.json['id']}.csv").read_text() == text
    job = world.bob.see(path)
    assert (job["state"], job["dry_run"], job["rows"], job["refused"]) == ("done", True, 3, 2)
    first = world.bob.see(f"{path}/rows?refused=true&limit=1")
    second = world.bob.see(f"{path}/rows?refused=true&limit=1&cursor={first['next_cursor']}")
    assert [each["data"][0]["row"] for each in (first, second)] == [3, 4]
    assert second["next_cursor"] is None
    assert (first["data"][0]["verdict"], first["data"][0]["column"]) == ("malformed_click_id", "click_id")
    assert world.bob.post(f"{path}/run", {}).status == 200
    job = world.bob.see(path)
    assert (job["dry_run"], job["progress"], job["counts"]) == (
        False,
        1.0,
        {"accepted": 1, "malformed_click_id": 2},
    )
    assert spawned == [job["id"], job["id"]]
    assert len(world.bob.see(f"{path}/rows?verdict=accepted")["data"]) == 1
    assert len(world.bob.get("conversions").ids) == 1


def test_the_same_file_again_is_a_conflict(world, spawned, tmp_path):
    """It names the import, and keeps no second copy."""
    text = f"click_id\n{open_click(world)}\n"
    made = world.bob.post("imports?kind=conversions", text).json["id"]
    answer = world.bob.post("imports?kind=conversions", text)
    assert (answer.status, answer.code) == (409, "already_imported")
    assert made in answer.json["detail"]
    assert len(list((tmp_path / "imports").iterdir())) == 1


@pytest.mark.parametrize(
    "query", ["kind=conversions", "kind=statuses", "kind=colours", "kind=conversions&map=a%3Dcolour"]
)
def test_a_wrong_header_is_refused_at_once(world, spawned, tmp_path, query):
    """No process is begun and nothing is kept."""
    assert world.bob.post(f"imports?{query}", "a,b\n1,2\n").status == 422
    assert spawned == []
    assert list(tmp_path.glob("imports/*")) == []


def test_a_file_that_is_too_large_is_refused(world, spawned, tmp_path, monkeypatch):
    """And not kept."""
    from redound.console.imports import files

    monkeypatch.setattr(files, "MAX_BYTES", 10)
    answer = world.bob.post("imports?kind=conversions", "click_id\n" + "x" * 100)
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "file_too_large")
    assert list(tmp_path.glob("imports/*")) == []


def test_alice_may_not_import(world, spawned):
    """Neither send, nor see."""
    made = world.bob.post("imports?kind=conversions", f"click_id\n{open_click(world)}\n").json["id"]
    for answer in (
        world.alice.post("imports?kind=conversions", "click_id\nx\n"),
        world.alice.get("imports"),
        world.alice.get(f"imports/{made}"),
        world.alice.get(f"imports/{made}/rows"),
        world.alice.post(f"imports/{made}/run", {}),
    ):
        assert answer.status == 403
    assert spawned == [made]
