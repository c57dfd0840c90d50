# Letters of other alphabets are the point of some; one line a case.
"""Every code: one URL that has it, one near it that has not, where it is, and how it is said."""

from __future__ import annotations

import re

import pytest

from redound.core.lint.codes import SENTENCES, sentence
from redound.core.lint.engine import CODES, Severity, codes, lint
from tests.lint.examples import EXAMPLES
from tests.lint.labels import context, corpus
from tests.lint.page import PAGE, render

BY_CODE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.code)
URL = "https://tracker.example.com/pb?cid={sub1}"


def said(url: str, code: str, described: str = ""):
    """The first finding with this code."""
    return next(each for each in lint(url, context(described)) if each.code == code)


@BY_CODE
def test_the_mistake_is_found(example):
    """Alice pastes the URL with the mistake and is told of it by its code."""
    assert example.code in codes(example.wrong, context(example.context))


@BY_CODE
def test_what_is_near_it_is_not_taken_for_it(example):
    """The URL beside it is as it should be."""
    assert example.code not in codes(example.right, context(example.context))


def test_every_code_has_an_example():
    """None is left out, none is made up."""
    assert {example.code for example in EXAMPLES} == set(CODES)


def test_the_page_is_made_of_the_codes():
    """`python -m tests.lint.page` brings docs/lint.md up to date."""
    assert PAGE.read_text(encoding="utf-8") == render()


@pytest.mark.parametrize("name", SENTENCES)
def test_every_sentence_is_one_plain_sentence_in_two_languages(name):
    """It begins with a capital, a macro or a sign, ends with a full stop or question mark, and is filled."""
    for text in (SENTENCES[name].english, SENTENCES[name].russian):
        assert re.search(r"[.?]$", text)
        assert "\n" not in text
    wanted = [re.findall(r"%\((\w+)\)s", text) for text in (SENTENCES[name].english, SENTENCES[name].russian)]
    assert {*wanted[0], "names", "what_ru"} >= set(wanted[1])
    assert re.search("[А-Яа-я]", SENTENCES[name].russian)


def test_every_finding_of_the_corpus_can_be_said_in_russian():
    """Alice's colleague reads Russian; no detail is missing from any sentence."""
    for each in corpus():
        for finding in lint(each.url, each.context):
            assert "%(" not in finding.say("ru")
            assert finding.say("en") == finding.message


def test_an_unknown_language_is_english():
    """Nothing fails for want of a translation."""
    assert sentence("empty", {}, "fr") == sentence("empty", {}, "en")


@pytest.mark.parametrize(
    ("url", "code", "span"),
    [
        ("https://tracker.example.com/pb?cid={clickid}&a=1", "unknown_macro", "{clickid}"),
        ("https://tracker.example.com/pb?cid={sub1|uper}", "unknown_modifier", "uper"),
        ("https://tracker.example.com/pb?cid={sub1}&amp;a=1", "html_entity", "&amp;"),
        ("https://tracker.example.com/pb?cid={sub1}&status=a|b", "literal_option_list", "a|b"),
        ("https://tracker.example.com./pb?cid={sub1}", "trailing_dot_host", "."),
        ("https://tracker.example.com:0/pb?cid={sub1}", "bad_port", ":0"),
        ("https://192.168.0.1/pb?cid={sub1}", "private_host", "192.168.0.1"),
        ("https://a:b@tracker.example.com/pb?cid={sub1}", "userinfo", "a:b@"),
        ("  https://tracker.example.com/pb?cid={sub1}", "surrounding_space", "  "),
        ("https://tracker.example.com/pb?сid={sub1}", "lookalike_param", "сid"),
        ("https://tracker.example.com/pb?cid={sub1}&cid={sub2}", "duplicate_param", "cid"),
        ("https://tracker.example.com/pb?cid=#s2#", "foreign_macro", "#s2#"),
        ("https://tracker.example.com/pb?cid=%7Bsub1%7D", "encoded_macro", "%7Bsub1%7D"),
        ("https://tracker.example.com/pb?cid={sub1}&payout=${payout}", "currency_symbol", "$"),
        ("https://tracker.example.com/pb?cid={sub1}¤cy=EUR", "html_entity_mangled", "¤"),
        ("https://tracker.example.com/pb?cid={sub1}#x", "fragment", "#x"),
        ("https://tracker.example.com/pb&cid={sub1}", "missing_query_separator", "&"),
        ("https://tracker.example.com/pb?cid={sub1}&staus=1", "status_param_typo", "staus"),
        ("https://tracker.example.com/pb?payout=1&cid=7", "no_click_id", "cid=7"),
    ],
)
def test_the_span_is_exactly_the_mistake(url, code, span):
    """The editor underlines these characters and no others."""
    finding = said(url, code)
    assert url[slice(*finding.span)] == span
    assert url.rindex(span) == finding.span[0] or url.index(span) == finding.span[0]


@pytest.mark.parametrize(
    ("wrong", "code", "fixed"),
    [
        ("tracker.example.com/pb?cid={sub1}", "missing_scheme", URL),
        ("//tracker.example.com/pb?cid={sub1}", "missing_scheme", URL),
        ("http(s)://https://tracker.example.com/pb?cid={sub1}", "double_scheme", URL),
        ("https:/tracker.example.com/pb?cid={sub1}", "bad_scheme", URL),
        ("https:\\\\tracker.example.com\\pb?cid={sub1}", "backslash", URL),
        ("https://tracker.example.com/pb&cid={sub1}", "missing_query_separator", URL),
        ("https://tracker.example.com/pb/cid={sub1}&a=1", "missing_query_separator", f"{URL}&a=1"),
        ("https://tracker.example.com/pbcid={sub1}&a=1", "missing_query_separator", f"{URL}&a=1"),
        (
            "https://tracker.example.com/pb?cid={sub1}payout={payout}",
            "missing_query_separator",
            f"{URL}&payout={{payout}}",
        ),
        ("https://tracker.example.com/pb?cid = {sub1}", "stray_space", URL),
        (" https://tracker.example.com/pb?cid={sub1}\t", "surrounding_space", URL),
        ("https://tracker.example.com/pb?cid={sub1}&amp;amp;a=1&amp;b=2", "html_entity", f"{URL}&a=1&b=2"),
        (
            "https://tracker.example.com/pb?cid={sub1}¤cy={currency}",
            "html_entity_mangled",
            f"{URL}&currency={{currency}}",
        ),
        ('<img src="https://tracker.example.com/pb?cid={sub1}" width="1">', "html_wrapped", URL),
        ("“https://tracker.example.com/pb?cid={sub1}”", "smart_quote", URL),
        ("https://tracker.example.com/pb?cid={sub1", "unbalanced_macro", URL),
        ("https://tracker.example.com/pb?cid=sub1}", "unbalanced_macro", URL),
        ("https://tracker.example.com/pb?cid={{sub1}", "unbalanced_macro", URL),
        ("https://tracker.example.com/pb?cid=%257Bsub1%257D", "encoded_macro", URL),
        ("https://tracker.example.com/pb?cid={{sub1}}", "foreign_macro", URL),
        ("https://tracker.example.com/pb?cid={affS1}", "foreign_macro", URL),
        ("https://tracker.example.com/pb?cid=%subid1%", "foreign_macro", URL),
        ("https://tracker.example.com/pb?cid={ sub1 }", "space_in_macro", URL),
        ("https://tracker.example.com/pb?cid={SUB1}", "case_differs", URL),
        ("https://tracker.example.com/pb?cid={sub_1}", "unknown_macro", URL),
        ("https://tracker.example.com/pb?cid=sub1", "literal_for_macro", URL),
        ("https://trасker.example.com/pb?cid={sub1}", "mixed_script_host", URL),
        ("https://tracker.example.com/pb?сid={sub1}", "lookalike_param", URL),
        ("https://tracker.example.com/pb?cid={sub1}.", "trailing_punctuation", URL),
        ("https://tracker.example.com/pb?cid={sub1}&", "empty_pair", URL),
        ("https://tracker.example.com/pb?cid={sub1}#top", "fragment", URL),
        (
            "https://tracker.example.com/pb?cid={sub1}&txid={timestamp}",
            "unstable_txid",
            f"{URL}&txid={{conversion_id}}",
        ),
        ("https://tracker.example.com/pb?cid={sub1}&rate=5%", "invalid_percent_escape", f"{URL}&rate=5%25"),
    ],
)
def test_the_fix_is_the_whole_corrected_url(wrong, code, fixed):
    """One click, and the mistake is mended; all else stays."""
    assert said(wrong, code).fix == fixed


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("https://tracker.example.com/pb?cid={clickid}", "unknown_macro"),
        ("https://tracker.example.com/pb?cid={lead_id}", "unknown_macro"),
        ("https://tracker.example.com/pb?cid={sub21}", "unknown_macro"),
        ("https://tracker.example.com/pb?cid=[CLICKID]", "foreign_macro"),
        ("https://tracker.example.com/pb?cid={sub1}&payout=amount", "literal_for_macro"),
        ("https://tracker.example.com/pb?cid={sub1}&a=1&a=2", "duplicate_param"),
        ("https://DOMAIN/pb?cid={sub1}", "host_placeholder"),
        ("http://tracker.example.com/pb?cid={sub1}", "http_scheme"),
        ("https://tracker.example.com/pb?cid={click_id}", "network_id_as_click_id"),
    ],
)
def test_where_no_correction_is_safe_there_is_none(wrong, code):
    """What only Alice can know is not guessed."""
    assert said(wrong, code).fix is None


def test_both_readings_of_an_ambiguous_name_are_offered():
    """{clickid} may be the tracker's ID or ours; the sentence says how to write either."""
    message = said("https://tracker.example.com/pb?cid={clickid}", "unknown_macro").message
    assert "{sub1}" in message
    assert "{click_id}" in message


def test_the_link_settles_what_an_ambiguous_name_means():
    """Alice's link carries the tracker's click ID in sub3, so that is what to return."""
    known = "link=https://go.example.net/c/ab12cd3?sub3={clickid}"
    finding = said("https://tracker.example.com/pb?cid={clickid}", "unknown_macro", known)
    assert finding.fix == "https://tracker.example.com/pb?cid={sub3}"


def test_a_slot_mismatch_is_mended_from_the_link():
    """The postback returns sub1, the link carries sub2."""
    finding = said(URL, "slot_mismatch", "link=https://go.example.net/c/ab12cd3?sub2={clickid}")
    assert (finding.severity, finding.fix) == (Severity.ERROR, "https://tracker.example.com/pb?cid={sub2}")


@pytest.mark.parametrize(
    ("described", "severity"),
    [
        ("", Severity.INFO),
        ("statuses=approved", Severity.INFO),
        ("statuses=approved,rejected", Severity.WARNING),
        ("goals=reg,dep", Severity.WARNING),
        ("goals=reg", Severity.INFO),
    ],
)
def test_a_missing_status_matters_when_several_fire(described, severity):
    """One status or goal, and its absence is normal."""
    assert said(f"{URL}&payout={{payout}}", "missing_status", described).severity is severity


def test_a_keitaro_without_status_would_count_a_sale():
    """Recognised by its path and parameter alone."""
    url = "https://trk.example.com/a1b2c3/postback?subid={sub1}&payout={payout}"
    assert said(url, "missing_status").severity is Severity.WARNING


def test_what_a_tracker_does_not_read_is_not_missed():
    """FunnelFlux reads neither status nor currency."""
    url = "https://ff.example.com/pb/?hit={sub1}&tx={txid}&rev={payout}"
    assert codes(url, context()) == set()


def test_macros_sent_outside_the_url_count():
    """Alice's postback sends the click ID in a request parameter."""
    from dataclasses import replace

    known = replace(context(), elsewhere=("sub1", "payout", "currency", "status", "txid"))
    assert codes("https://tracker.example.com/pb", known) == set()
