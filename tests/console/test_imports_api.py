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


# Large files


def test_a_large_file_with_an_idempotency_key_is_taken_in_once(world, spawned, tmp_path):
    """The answer got lost and Bob's program sends the same 2 MiB again: same answer, one import, one copy."""
    text = f"click_id,comment\n{open_click(world)},\n" + f"x,{'y' * 1000}\n" * 2000
    first = world.bob.post("imports?kind=conversions", text, Idempotency_Key="day-1")
    again = world.bob.post("imports?kind=conversions", text, Idempotency_Key="day-1")
    assert (first.status, again.status, again.json["id"]) == (201, 201, first.json["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (tmp_path / "imports" / f"{first.json['id']}.csv").read_text() == text
    assert spawned == [first.json["id"]]


def test_another_file_with_the_same_idempotency_key_is_refused(world, spawned):
    """Also when the two differ only behind the first mebibyte."""
    start = "click_id,comment\n" + f"x,{'y' * 1000}\n" * 1500
    assert world.bob.post("imports?kind=conversions", f"{start}x,1\n", Idempotency_Key="day-1").status == 201
    answer = world.bob.post("imports?kind=conversions", f"{start}x,2\n", Idempotency_Key="day-1")
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert len(spawned) == 1


@pytest.mark.parametrize("whose", ["nobody", "alice", "revoked", "reading"])
def test_only_who_may_import_is_let_send_a_file(world, whose):
    """It is asked of the key before a byte of the file is read."""
    from django.utils import timezone

    from redound import asgi
    from redound.console.accounts.keys import issue_key
    from redound.console.accounts.models import ApiKey

    key, good = issue_key("files", user=world.bob_user)
    assert asgi._may_upload(f"Bearer {good}")
    match whose:
        case "nobody":
            shown = "Bearer rdk_made_up"
        case "alice":
            shown = f"Bearer {world.alice.key}"
        case "revoked":
            ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
            shown = f"Bearer {good}"
        case _:
            shown = f"Bearer {issue_key('reads', user=world.bob_user, scopes=('read',))[1]}"
    assert not asgi._may_upload(shown)


def test_a_forgotten_import_is_not_run_again(world, spawned):
    """Nobody knows any more which of its rows were applied."""
    from redound.console.imports.models import Import
    from redound.console.imports.running import check_remembered, run

    made = world.bob.post("imports?kind=conversions&dry_run=false", f"click_id\n{open_click(world)}\n")
    Import.objects.update(path="")
    answer = world.bob.post(f"imports/{made.json['id']}/run", {})
    assert (answer.status, answer.code) == (409, "import_forgotten")
    for attempt in (lambda: run(made.json["id"]), lambda: check_remembered(Import.objects.get())):
        with pytest.raises(Exception, match="ended long ago"):
            attempt()
    assert spawned == [made.json["id"]]
