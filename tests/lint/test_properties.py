# ruff: noqa: E501
# Letters of other alphabets are the point of some.
"""Whatever the string: no exception, places inside it, corrections that correct, and time in proportion."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redound import gallery
from redound.core.lint.engine import CODES, LintContext, lint
from redound.core.lint.shapes import lint_values, parse_values
from redound.core.macros import MACROS
from redound.core.parsing import parse
from redound.core.targets import MAX_URL
from tests.lint.examples import EXAMPLES
from tests.lint.labels import corpus

SIZE = 65_536
LIMIT_MS = 10.0
BITS = [
    *("https://", "http://", "//", "tracker.example.com", "DOMAIN", "127.0.0.1", "/pb", "/", "?", "&", "=", "#", ";"),
    *("cid", "subid", "payout", "status", "txid", "token", "сid", "{sub1}", "{payout}", "{clickid}", "{SUB1}", "{"),
    *("}", "{{sub1}}", "#s2#", "[CLICKID]", "%subid1%", "%7Bsub1%7D", "%", "%zz", "<x>", "&amp;", "¤cy", " ", "\t"),
    *("\u200b", "“", '"', "\\", "|", "(", ")", "[", "]", "$", "REPLACE", "sub1", "approved|rejected", ".", ",", "é"),
    *("{sub1|upper}", "{sub1|x}", "{ sub1 }", "{}", "@", ":", ":99", "xxNAMExx", "__X__", "\x00", "\ud800", "\ue000"),
]  # fmt: skip
STRINGS = st.one_of(st.text(), st.lists(st.sampled_from(BITS), max_size=25).map("".join))
MACRO = st.one_of(st.sampled_from(sorted(MACROS)), st.text("abcsuidp_1", min_size=1, max_size=8))
STYLES = ("{%s}", "{{%s}}", "#%s#", "[%s]", "%%%s%%", "${%s}", "%%7B%s%%7D", "<%s>", "%s")
PAIRS = st.tuples(st.sampled_from(["cid", "payout", "status", "x", "txid"]), st.sampled_from(STYLES), MACRO)
URLS = st.lists(PAIRS, min_size=1, max_size=6).map(
    lambda pairs: (
        "https://tracker.example.com/pb?"
        + "&".join(f"{name}={style % macro}" for name, style, macro in pairs)
    )
)
CONTEXT = LintContext(trackers=gallery.index(), links=("https://go.example.net/c/ab12cd3?sub2={clickid}",))
LONG = [
    "a",
    "{",
    "}",
    "{sub1}",
    "{a|b",
    "&a=b",
    "&",
    "%7B",
    "#a",
    "[a",
    " ",
    "a b",
    "а=",
    "¤cy=",
    "<a href=",
    "“",
]


@given(STRINGS)
@example("sub1http://[")
def test_any_string_can_be_linted(text):
    """Alice pastes whatever is in her clipboard."""
    for context in (LintContext(), CONTEXT):
        for finding in lint(text, context):
            assert finding.code in CODES
            assert finding.message
            if finding.span is not None:
                assert 0 <= finding.span[0] <= finding.span[1] <= len(text)
        lint_values(text, lint(text, context), "ru")


@given(STRINGS)
def test_any_string_can_be_parsed(text):
    """Rows lie inside the text, in order, and are what stands there."""
    parsed = parse(text)
    parse_values(parsed)
    assert len(parsed.masked) <= len(text)
    for row in parsed.rows:
        assert 0 <= row.start <= row.name_end <= row.value_start <= row.end <= len(text)
        assert text[row.start : row.name_end] == row.name
        assert text[row.value_start : row.end] == row.value
    for macro in parsed.macros:
        assert text[macro.start : macro.end] == macro.text


@settings(max_examples=300)
@given(st.one_of(STRINGS, URLS))
def test_a_fix_mends_its_code_for_good(text):
    """Linting the corrected URL no longer shows the code, nor more errors than before."""
    for context in (LintContext(), CONTEXT):
        findings = lint(text, context)
        errors = {finding.code for finding in findings if finding.severity == "error"}
        for finding in findings:
            if finding.fix is not None:
                after = lint(finding.fix, context)
                assert finding.code not in {each.code for each in after}
                assert len({each.code for each in after if each.severity == "error"}) <= len(errors)


def test_the_fixes_of_the_corpus_mend_their_codes():
    """The same for what people really paste."""
    for each in corpus():
        for finding in lint(each.url, each.context):
            if finding.fix is not None:
                assert finding.code not in {one.code for one in lint(finding.fix, each.context)}, each.url


@given(st.sampled_from(EXAMPLES), st.text(max_size=20))
def test_what_stands_around_an_example_does_no_harm(example, text):
    """A known mistake with anything behind it."""
    lint(example.wrong + text, CONTEXT)


def took_ms(work, text: str) -> float:
    """The best of three, in CPU time."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work(text)
        best = min(best, (time.process_time() - began) * 1000)
    return best


@pytest.mark.parametrize("unit", LONG)
@pytest.mark.parametrize("start", ["", "https://tracker.example.com/pb?cid="])
def test_64_kb_take_less_than_10_ms(start, unit):
    """No string makes the linter think for long; a busy machine is given twice the time."""
    text = (start + unit * SIZE)[:SIZE]
    assert took_ms(parse, text) < 2 * LIMIT_MS
    assert took_ms(lint, text) < 2 * LIMIT_MS


def test_what_is_too_long_is_said_and_read_as_far_as_it_counts():
    """A mistake in the first part is still found."""
    url = "https://tracker.example.com/pb?cid={clickid}&x=" + "a" * MAX_URL
    assert {"too_long", "unknown_macro"} <= {finding.code for finding in lint(url)}
    assert all(finding.fix is None for finding in lint(url))
