"""A prepared installation on SQLite, and the command run as a person runs it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.databases import locked
from tests.journeys.process import Installation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path) -> Installation:
    """A folder in which nothing was done yet; commands are started as a shell does."""
    return Installation(f"sqlite:///{tmp_path / 'redound.sqlite3'}", tmp_path, forked=False)


@pytest.fixture(scope="session")
def prepared(run_folder: Path) -> Path:
    """A folder after `redound init`, made once a run; copy it, never work in it."""
    folder = run_folder / "prepared"
    with locked(run_folder):
        if not folder.exists():
            making = run_folder / "prepared-making"
            making.mkdir()
            Installation(f"sqlite:///{making / 'redound.sqlite3'}", making).run("init")
            making.rename(folder)
    return folder


@pytest.fixture
def ready(bare: Installation, prepared: Path) -> Installation:
    """After `redound init`."""
    bare.forked = True
    shutil.copytree(prepared, bare.folder, dirs_exist_ok=True)
    return bare
