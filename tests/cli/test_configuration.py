"""Configuration as code: export, import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.journeys.process import Installation
from tests.journeys.world import make_scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


CLICK = [{"name": "v", "role": "click"}]


@pytest.fixture
def furnished(ready: Installation) -> Iterator[Installation]:
    """Alice's set-up is there, with a postback that has credentials."""
    bob = ready.client(ready.run("key", "create", "--manager", "Bob").stdout.strip())
    bob.base_url = ready.start()
    try:
        scene = make_scene(bob)
        bob.edit(f"advertisers/{scene.advertiser}", tokens=["acme-token-1"])
        auth = {"type": "bearer", "token": "very-secret"}
        scene.postback("https://tracker.example.com/", auth=auth)
        bob.make("gallery", name="House tracker", base="https://trk.example.net/in", parameters=CLICK)
        yield ready
    finally:
        ready.stop()


def test_an_export_holds_the_configuration_without_credentials(furnished: Installation):
    """Bob can put the file under version control."""
    text = furnished.run("export").stdout
    document = yaml.safe_load(text)
    assert document["redound"] == 1
    assert [len(document[noun]) for noun in ("advertisers", "brands", "offers", "affiliates")] == [1, 1, 1, 1]
    assert len(document["goals"]) == 3
    assert len(document["postbacks"]) == 1
    assert [each["name"] for each in document["gallery"]] == ["House tracker"]
    assert "very-secret" not in text
    assert "acme-token" not in text


def test_importing_what_was_exported_changes_nothing(furnished: Installation):
    """The same file twice is one file once; credentials stay."""
    text = furnished.run("export").stdout
    done = furnished.run("import", "-", stdin=text)
    assert done.stdout == ""
    assert "0 rows changed" in done.stderr


def test_an_edit_is_shown_first_and_then_made(furnished: Installation):
    """--dry-run says what would change, and changes nothing."""
    before = furnished.run("export").stdout
    document = yaml.safe_load(before)
    document["affiliates"][0]["name"] = "Alice & Co"
    text = yaml.safe_dump(document)
    dry = furnished.run("import", "-", "--dry-run", stdin=text).stdout.split("\t")
    assert dry[:2] == ["edit", "affiliates"]
    assert furnished.run("export").stdout == before
    furnished.run("import", "-", stdin=text)
    assert yaml.safe_load(furnished.run("export").stdout) == document


def test_another_installation_becomes_the_same(furnished: Installation, tmp_path: Path):
    """IDs and link codes stay; a postback whose credentials the file lacks starts switched off."""
    document = yaml.safe_load(furnished.run("export").stdout)
    folder = tmp_path / "other"
    folder.mkdir()
    other = Installation(f"sqlite:///{folder / 'redound.sqlite3'}", folder)
    other.run("init")
    done = other.run("import", "-", stdin=yaml.safe_dump(document))
    assert "starts switched off" in done.stderr
    copy = yaml.safe_load(other.run("export").stdout)
    assert copy["postbacks"][0]["enabled"] is False
    for noun in ("advertisers", "brands", "offers", "goals", "affiliates", "campaigns", "links", "gallery"):
        assert copy[noun] == document[noun]


def test_a_file_with_a_fault_changes_nothing(furnished: Installation):
    """All of it or nothing, and the fault is named."""
    before = furnished.run("export").stdout
    document = yaml.safe_load(before)
    document["affiliates"][0]["name"] = "Changed"
    document["postbacks"][0]["url"] = "https://tracker.example.com/?x={sbu1}"
    done = furnished.run("import", "-", stdin=yaml.safe_dump(document), code=1)
    assert "sub1" in done.stderr
    assert furnished.run("export").stdout == before


def test_another_file_is_not_taken_for_a_configuration(ready: Installation):
    """A mistaken file name is a usage error."""
    assert "redound: 1" in ready.run("import", "-", stdin="hello: world\n", code=2).stderr
