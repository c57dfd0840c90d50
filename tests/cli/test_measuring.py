"""`redound bench` measures something, and leaves nothing behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def test_it_measures_the_disk_and_a_core(ready: Installation):
    """Each figure has its name, what it means, and is above nothing."""
    before = sorted(ready.folder.iterdir())
    figures = [json.loads(line) for line in ready.run("bench", "--json").stdout.splitlines()]
    assert [figure["name"] for figure in figures] == [
        "durable commits",
        "durable rows",
        "click IDs",
        "callback URLs",
    ]
    assert all(figure["per_second"] > 0 and figure["means"] for figure in figures)
    assert sorted(ready.folder.iterdir()) == before
