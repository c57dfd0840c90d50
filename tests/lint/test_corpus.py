"""The linter against URLs that a person has labelled: it says what they would, and hardly anything else."""

from __future__ import annotations

from collections import Counter

import pytest

from redound.core.lint.engine import CODES
from tests.lint.labels import ABSENCES, FOLDER, Labelled, corpus

PRECISION = 0.98
RECALL = 0.95
FILES = sorted(file.stem for file in FOLDER.glob("*.txt"))


def scores(labelled: list[Labelled]) -> tuple[float, float, list[str]]:
    """Precision, recall, and a line for every URL on which linter and person differ."""
    counts: Counter[str] = Counter()
    different = []
    for each in labelled:
        counts["right"] += len(each.found & each.wanted)
        counts["said"] += len(each.found)
        counts["wanted"] += len(each.wanted)
        if each.found != each.wanted:
            more, less = sorted(each.found - each.wanted), sorted(each.wanted - each.found)
            different.append(f"{each.url!r}: too much {more}, missed {less}")
    return counts["right"] / counts["said"], counts["right"] / counts["wanted"], different


@pytest.mark.parametrize("file", FILES)
def test_what_is_said_is_right_and_nearly_nothing_is_missed(file):
    """Alice trusts the linter, so it must not cry wolf, and must see what she would curse later."""
    precision, recall, different = scores([each for each in corpus() if each.file == file])
    assert precision >= PRECISION, "\n".join(different)
    assert recall >= RECALL, "\n".join(different)


def test_the_corpus_is_several_hundred_urls_and_knows_every_code():
    """No rule goes without a URL that somebody might paste."""
    labelled = set().union(*(each.wanted for each in corpus()))
    assert len(corpus()) > 500
    assert labelled <= set(CODES)
    assert set(CODES) - labelled - ABSENCES == {"too_long"}


@pytest.mark.parametrize("each", [each for each in corpus() if not each.wanted], ids=lambda each: each.url)
def test_a_clean_url_is_left_alone(each):
    """Not one finding on any of the clean ones."""
    assert each.findings() == []
