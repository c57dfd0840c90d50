"""The watch's page gives the numbers that the code has, and every kind its heading."""

from __future__ import annotations

from redound.core.watch import judging, kinds, rules
from redound.settings import load
from tests.docs.pages import page


def section(name: str) -> str:
    """The text under a heading, in one line."""
    text = page("docs/watch.md").text
    return " ".join(text.split(f"## {name}\n", 1)[1].split("\n##", 1)[0].split())


def percent(share: float) -> str:
    """A share as the page has it."""
    return f"{round(share * 100)} %"


def test_every_kind_has_a_heading():
    """Whatever an incident is called, the page explains it."""
    headings = page("docs/watch.md").headings
    after = headings[headings.index("Kinds") + 1 : headings.index("What it needs to know you")]
    assert after == [str(kind) for kind in kinds.Kind]


def test_the_numbers_of_shares_are_those_of_the_rules():
    """Opened and closed where the code opens and closes."""
    for kind, rule in rules.SHARES.items():
        text = section(kind)
        assert f"at least {rule.least} " in text
        assert f"surely {percent(rule.opens)} of them" in text
        assert f"Closed at {percent(rule.closes)} or less" in text
        assert f"{rules.CALM_TIMES:g} times the usual" in text
    assert rules.TIMES == 2


def test_the_numbers_of_silence_are_those_of_the_rules():
    """So many expected, so few came, on so many days."""
    text = section(kinds.Kind.REPORTS_SILENT)
    assert f"at least {rules.SILENT_EXPECTED} reports" in text
    assert f"for {rules.LEAST_DAYS} days or more" in text
    assert f"at most {rules.ODD_DAYS} of them" in text
    assert (rules.SILENT_PART, rules.HEARD_PART) == (0.1, 1 / 3)
    assert f"1 in {1 / rules.CHANCE:,.0f}" in text


def test_the_numbers_of_rates_are_those_of_the_rules():
    """Half and twice, with enough to say so."""
    text = section(kinds.Kind.CONVERSION_RATE)
    assert f"last {rules.RATE_LEAST_HOURS} whole hours" in text
    assert f"at least {rules.RATE_EXPECTED} conversions" in text
    assert f"had {rules.RATE_USUAL} conversions" in text
    assert "between {:g} and {:g} times".format(*rules.RATE_CALM) in text
    assert rules.RATE_TIMES == 2


def test_how_it_looks_is_as_it_looks():
    """Windows, days, looks and the time between."""
    text = section("How it looks")
    assert "last 1, 6 and 24 hours" in text
    assert kinds.WINDOWS == (1, 6, 24)
    assert f"the {kinds.DAYS} days before" in text
    assert f"{judging.BAD_LOOKS} bad looks" in text
    assert f"{judging.CALM_LOOKS} calm ones" in text
    assert f"within {judging.APART_MS // 3_600_000} hour of its end" in text
    seconds = load({"REDOUND_DATABASE_URL": "sqlite:///x"}).watch_seconds
    assert f"Every {seconds / 60:g} minutes" in text
    assert f"once there are {rules.ENOUGH_USUAL} to compare with" in section("What it needs to know you")
