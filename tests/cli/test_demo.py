"""`redound demo` works by itself, from nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.process import Installation


@pytest.mark.slow
def test_once_prints_one_object_about_the_first_callback(bare: Installation):
    """A script learns that the whole loop works on this machine."""
    done = bare.run("demo", "--once", "--json")
    [line] = done.stdout.splitlines()
    found = json.loads(line)
    assert found["delivered"] is True
    assert re.fullmatch(r"[0-9a-z]{40}", found["click_id"])
    assert found["conversion_id"].startswith("cnv_")
    assert found["delivery_id"].startswith("dlv_")
    assert found["url"] == found["callback_url"]
    assert found["url"].startswith("http://127.0.0.1:")
    assert found["conversion_id"] in found["url"]
    assert list(bare.folder.iterdir()) == []


@pytest.mark.slow
def test_without_a_terminal_it_ends_after_some_callbacks(bare: Installation):
    """In a pipe it shows a bounded number of callbacks, refused ones among them."""
    done = bare.run("demo", "--data-dir", str(bare.folder / "demo"))
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert sum(row[-1] == "200 matched" for row in rows) == 20
    assert {row[2] for row in rows} >= {"/get", "/form", "/json", "/click", "/broken"}
    assert "/off" not in {row[2] for row in rows}
    assert "API key" in done.stderr
