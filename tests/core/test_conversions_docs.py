"""The page about verdicts says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from redound.core.claims import LIMITS, MAX_PARAMETERS, PARAMETERS
from redound.core.reports import Verdict, http_status
from redound.core.states import WORDS

PAGE = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
ROWS = {found[1]: found[2] for found in re.finditer(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)}


def words(text: str) -> list[str]:
    """The words in back-ticks."""
    return re.findall(r"`([^`]+)`", text)


def test_each_verdict_has_one_heading_and_no_other_word_has() -> None:
    """Whatever is answered can be looked up."""
    assert sorted(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == sorted(Verdict)


def test_each_verdict_stands_in_the_group_of_its_http_status() -> None:
    """The table of groups tells the status."""
    groups = {
        "Taken": {200},
        "The click": {400, 404},
        "What is said": {400},
        "Who says it": {401, 403},
        "Ours": {500},
    }
    for section in PAGE.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        found = {http_status(Verdict(name)) for name in re.findall(r"^### (\w+)$", section, re.MULTILINE)}
        assert found == groups.get(title, set())


def test_the_table_of_parameters_is_the_one_in_force() -> None:
    """Names, aliases and limits."""
    for parameter, aliases in PARAMETERS.items():
        names, _, longest = ROWS[parameter].partition("|")
        assert words(names) == list(aliases)
        assert int(longest) == LIMITS[parameter]
    assert f"more than {MAX_PARAMETERS} parameters" in PAGE


def test_the_table_of_words_is_the_one_in_force() -> None:
    """Each built-in word, in its row."""
    assert {status: words(ROWS[status]) for status in WORDS} == {
        status.value: list(listed) for status, listed in WORDS.items()
    }
