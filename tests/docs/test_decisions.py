"""The decision records are complete."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, Page, page

RECORDS = [Page(path) for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md"))]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.path.stem)
def test_a_decision_has_a_date_its_options_and_consequences(record: Page):
    """A developer can see what else was possible, and when it was decided."""
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|replaced by \[)", record.text, re.MULTILINE)
    assert record.headings[1:] == ["To be decided", "Options", "Decision", "What follows"]
    assert len(re.findall(r"^\d\. \*\*", record.text, re.MULTILINE)) >= 2


def test_the_index_lists_every_decision():
    """No record is hidden."""
    assert set(page("docs/adr/README.md").links) >= {record.path.name for record in RECORDS}
    assert [int(record.path.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
