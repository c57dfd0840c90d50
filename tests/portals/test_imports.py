"""Imports on the managers' pages: a file, its columns, every row judged, then applied."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.traffic import open_click
from tests.portals.managing import alices, bobs, follow


@pytest.fixture
def spawned(monkeypatch, tmp_path, world) -> list[str]:
    """The imports for which a process was begun; here they run at once."""
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


def upload(bob, text, **fields):
    """Send a file; return the page that asks for its columns, and that page's address."""
    file = SimpleUploadedFile("day.csv", text.encode(), "text/csv")
    answer = bob.post("/manage/imports/new/", {"file": file, "kind": "conversions", **fields})
    assert answer.status_code == 302, answer.content
    return bob.text(answer["Location"]), answer["Location"].partition("?")[0]


FIELDS = {"kind": "conversions", "advertiser_id": "", "file_name": "day.csv"}


def test_a_file_is_taken_in_judged_and_applied(world, spawned):
    """Columns are guessed, one is named by hand; verdicts, the refused rows as a file, the real run."""
    bob = bobs(world)
    text = f"click_id,kind of thing,order no\n{open_click(world)},sale,A-1\nabc,sale,A-2\n"
    page, path = upload(bob, text)
    assert '<option value="click_id" selected>' in page
    assert "A-1" in page
    form = {**FIELDS, "column-0": "click_id", "column-1": "goal", "column-2": "txid"}
    page = follow(bob, bob.post(path, form))
    for words in ("2 rows", "1 refused", "malformed_click_id", "Only judged"):
        assert words in page
    assert world.bob.see("conversions")["data"] == []
    job = world.bob.see("imports")["data"][0]
    refused = b"".join(bob.get(f"/manage/imports/{job['id']}/refused.csv")).decode().splitlines()
    assert refused[0].lstrip("\ufeff") == "row,verdict,column,reason,click_id,kind of thing,order no"
    assert refused[1].startswith("3,malformed_click_id,click_id,")
    assert refused[1].endswith(",abc,sale,A-2")
    assert "Applied" in follow(bob, bob.post(f"/manage/imports/{job['id']}/run/", {"dry_run": "0"}))
    assert [each["txid"] for each in world.bob.see("conversions")["data"]] == ["A-1"]
    assert len(spawned) == 2


def test_a_header_that_cannot_be_read_is_said_and_can_be_mended(world, spawned):
    """No column is read as click_id: the page says so and keeps the choice."""
    bob = bobs(world)
    _page, path = upload(bob, "a,b\n1,2\n")
    answer = bob.post(path, {**FIELDS, "column-0": "", "column-1": "goal"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "No column is read as" in page
    assert '<option value="goal" selected>' in page
    assert spawned == []


def test_the_same_file_leads_to_its_import(world, spawned):
    """It is not taken in twice."""
    bob = bobs(world)
    text = f"click_id\n{open_click(world)}\n"
    for _each in range(2):
        _page, path = upload(bob, text)
        page = follow(bob, bob.post(path, {**FIELDS, "column-0": "click_id"}))
    assert "taken in before" in page
    assert len(world.bob.see("imports")["data"]) == 1
    assert len(spawned) == 1


def test_no_file_is_said(world, spawned):
    """And an address of no file is 404."""
    bob = bobs(world)
    assert (
        "Choose a file first." in bob.post("/manage/imports/new/", {"kind": "conversions"}).content.decode()
    )
    assert bob.get(f"/manage/imports/imp_{'0' * 28}/columns/").status_code == 404
    assert bob.get("/manage/imports/..%2fsecret/columns/").status_code == 404


def test_hostile_cells_are_shown_as_texts(world, spawned):
    """A column's name and a cell of an attacker's making run nothing, here or in a spreadsheet."""
    bob = bobs(world)
    page, path = upload(bob, "click_id,<b>x</b>\n=1+1,<script>1</script>\n")
    assert "&lt;script&gt;" in page
    assert "<script>1" not in page
    follow(bob, bob.post(path, {**FIELDS, "column-0": "click_id"}))
    job = world.bob.see("imports")["data"][0]["id"]
    refused = b"".join(bob.get(f"/manage/imports/{job}/refused.csv")).decode()
    assert ",'=1+1," in refused


def test_alice_imports_nothing(world, spawned):
    """No page, no file."""
    alice = alices(world)
    file = SimpleUploadedFile("day.csv", b"click_id\n1\n", "text/csv")
    assert alice.post("/manage/imports/new/", {"file": file, "kind": "conversions"}).status_code == 403
    assert world.bob.see("imports")["data"] == []
