"""A prepared installation on SQLite, and the command run as a person runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.process import Installation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path) -> Installation:
    """A folder in which nothing was done yet."""
    return Installation(f"sqlite:///{tmp_path / 'redound.sqlite3'}", tmp_path)


@pytest.fixture
def ready(bare: Installation) -> Installation:
    """After `redound init`."""
    bare.run("init")
    return bare
