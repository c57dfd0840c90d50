"""Each cause is found where it is and not next to it, and says what it is in both languages."""

from __future__ import annotations

import re

import pytest

from redound.core.trace.causes import LANGUAGES, Tone
from redound.core.trace.diagnosing import diagnose
from redound.core.trace.order import CAUSES, STAGES
from tests.core.examples import BESIDES, EXAMPLES
from tests.docs.pages import ROOT

NAME = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")

CYRILLIC = re.compile("[\\u0430-\\u044f]")


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_cause_is_found_first_where_it_is(code: str):
    """Alice is told the one thing that explains what she sees."""
    found = [each.code for each in diagnose(EXAMPLES[code][0])]
    assert code in found if code in BESIDES else found[0] == code, found


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_cause_is_not_found_next_to_it(code: str):
    """What only resembles it is not taken for it."""
    assert code not in [each.code for each in diagnose(EXAMPLES[code][1])]


def test_every_cause_has_its_example():
    """A new cause needs one that has it and one that does not."""
    assert set(EXAMPLES) == set(CAUSES)
    assert len(CAUSES) == sum(len(causes) for _, causes in STAGES)


def test_every_cause_has_its_journey():
    """A new cause needs a story that produces it through a running server."""
    journeys = ROOT.glob("tests/journeys/test_trace_*.py")
    told = set(re.findall(r'"([a-z0-9_]+)"', "".join(path.read_text() for path in journeys)))
    assert set(CAUSES) - told == set()


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_sentences_are_complete(code: str):
    """Every name in a sentence is filled in from the evidence, in English and in Russian."""
    found = next(each for each in diagnose(EXAMPLES[code][0]) if each.code == code)
    cause = found.cause
    for template in (cause.en, cause.ru, cause.remedy_en, cause.remedy_ru):
        assert set(NAME.findall(template)) <= set(found.evidence), template
    for language in LANGUAGES:
        assert found.text(language)[0].isupper() or found.text(language)[0] in "“«"
        assert found.remedy(language)


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_both_languages_say_the_same_names(cause):
    """Nobody who reads Russian is told less."""
    assert set(NAME.findall(cause.en)) == set(NAME.findall(cause.ru))
    for russian in (cause.ru, cause.remedy_ru):
        assert CYRILLIC.search(russian)
    for english in (cause.en, cause.remedy_en, cause.known_by):
        assert not CYRILLIC.search(english)
        assert english.endswith((".", "?"))


def test_problems_come_before_what_is_well():
    """A diagnosis that all is well is never first while something is wrong."""
    for with_it, without_it in EXAMPLES.values():
        for facts in (with_it, without_it):
            tones = [each.cause.tone for each in diagnose(facts)]
            if Tone.FINE in tones[:1]:
                sent = any(delivery.attempts for delivery in facts.deliveries)
                assert Tone.PROBLEM not in tones or not sent, [each.code for each in diagnose(facts)]
