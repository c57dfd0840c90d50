"""Every setting, macro, status, state, reason and verdict has its heading."""

from __future__ import annotations

import inspect
import re

import redound.settings
from redound.core import deliveries, matching, states
from redound.core.reports import Verdict
from tests.docs.pages import ROOT, page


def test_every_setting_has_a_heading():
    """An operator finds each environment variable that the code reads, and none that it does not."""
    read = set(re.findall(r'"(REDOUND_[A-Z_]+)"', inspect.getsource(redound.settings)))
    described = {heading for heading in page("docs/settings.md").headings if heading.startswith("REDOUND_")}
    assert described == read


def test_no_page_names_a_setting_that_does_not_exist():
    """Bob never sets a variable that nobody reads."""
    real = set(re.findall(r'"(REDOUND_[A-Z_]+)"', inspect.getsource(redound.settings)))
    named = {
        name
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for name in re.findall(r"REDOUND_[A-Z_]+", path.read_text())
    }
    assert named - real == set()


def test_the_default_retry_schedule_is_the_documented_one():
    """The page shows the schedule that is in force without a setting."""
    assert f"`{redound.settings.DEFAULT_RETRY_SCHEDULE}`" in page("docs/settings.md").text


def test_every_status_has_a_heading():
    """Alice can look up each conversion status."""
    assert {str(status) for status in states.Status} <= set(page("docs/statuses.md").headings)


def test_every_delivery_state_has_a_heading():
    """Alice can look up each state that a delivery is shown in."""
    wanted = {f"delivery: {state}" for state in deliveries.DeliveryState}
    described = {name for name in page("docs/statuses.md").headings if name.startswith("delivery: ")}
    assert described == wanted


def test_every_reason_has_a_heading():
    """Whatever reason an evaluation names, the page explains it."""
    headings = page("docs/statuses.md").headings
    after = headings[headings.index("Why a postback did or did not fire") + 1 :]
    assert set(after) == {str(reason) for reason in matching.Reason}


def test_every_verdict_has_a_heading():
    """Whatever verdict a report gets, the page explains it."""
    assert {str(verdict) for verdict in Verdict} <= set(page("docs/verdicts.md").headings)


def test_every_macro_has_a_heading():
    """Alice finds every macro that she may write."""
    from redound.core.macros import MACROS

    headings = set(page("docs/macros.md").headings)
    assert {name for name in MACROS if name not in headings and f"{{{name}}}" not in headings} == set()


def test_every_parameter_of_a_report_and_its_aliases_are_in_the_guide():
    """An advertiser finds each name that is read, and what it may also be called."""
    from redound.core.claims import PARAMETERS

    text = page("docs/reporting.md").text
    rows = {row.split("|")[1]: row.split("|")[2] for row in text.splitlines() if row.startswith("| `")}
    for parameter, aliases in PARAMETERS.items():
        if parameter.startswith("adv_sub"):
            continue
        assert re.findall(r"`(\w+)`", rows[f" `{parameter}` "]) == list(aliases)


def test_the_status_changes_in_the_guide_are_the_ones_in_force():
    """The table that a reader sees is the table that the code obeys."""
    text = page("docs/statuses.md").text
    every = set(states.Status)
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in text.splitlines()
        if row.startswith("| `")
    ]
    shown = {row[0].strip("`"): (row[1], row[2]) for row in rows if len(row) == 3}
    for status in states.Status:
        by_report = states.ALLOWED[states.Actor.REPORT][status]
        more = states.ALLOWED[states.Actor.MANAGER][status] - by_report
        assert _listed(shown[status][0], every - {status}) == by_report
        assert _listed(shown[status][1], every - {status}) == more


def _listed(cell: str, any_other: set[states.Status]) -> set[states.Status]:
    if cell == "any other":
        return any_other
    return {states.Status(word) for word in re.findall(r"`(\w+)`", cell)}


def test_every_status_word_is_in_the_guide():
    """An advertiser can see what each of their words would mean."""
    text = page("docs/statuses.md").text
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in text.splitlines()
        if row.startswith("| `")
    ]
    shown = {row[0].strip("`"): tuple(re.findall(r"`([^`]+)`", row[1])) for row in rows if len(row) == 2}
    assert shown == {str(status): words for status, words in states.WORDS.items()}
