"""Telling macros that nobody replaced from values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.placeholders import is_click_placeholder, is_placeholder
from tests.builders import make_click_id

MACROS = [
    "{sub1}",
    "{click_id}",
    "{{x}}",
    "{{ click id }}",
    "${x}",
    "{!subid!}",
    "${(x)!}",
    "#{click.publisher.clickId}",
    "{url.cid}",
    "##A##",
    "#s2#",
    "[CLICKID]",
    "[[subid]]",
    "[[[x]]]",
    "[=x=]",
    "%subid1%",
    "<x>",
    "(x)",
    "xxNAMExx",
    "__CLICKID__",
    "@clickid@",
    "%7Bsub1%7D",
    "%7bsub1%7d",
    "%257Bsub1%257D",
    "%5BCLICKID%5D",
    "REPLACE",
    "replace",
    "OPTIONAL",
    "REPLACE_ME",
    "abc-{sub1}",
    "{sub1",
]
VALUES = [
    "",
    "order-1001",
    "1001",
    "a#b",
    "#1001",
    "#1001#",
    "12%",
    "100%25",
    "[1]",
    "(1)",
    "<1>",
    "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
    "{}",
    "{123}",
    "a_b__c",
    "exxonmobilxx",
    "alice@example.com",
    "customer replaced",
]


@pytest.mark.parametrize("value", [macro for macro in MACROS if macro != "{sub1"])
def test_a_macro_of_any_style_is_recognised(value: str) -> None:
    """The styles are those seen in real URLs."""
    assert is_placeholder(value)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_not_taken_for_a_macro(value: str) -> None:
    """Order numbers, braces around a GUID and addresses are values."""
    assert not is_placeholder(value)


@pytest.mark.parametrize("value", ["CLICKID", "click_id", "cid", "SUBID", "sub1", "{sub1}"])
def test_in_the_place_of_a_click_id_a_bare_name_is_none_either(value: str) -> None:
    """`click_id=CLICKID` was never set up."""
    assert is_click_placeholder(value)


def test_a_click_id_of_ours_is_not_a_placeholder() -> None:
    """Obviously."""
    assert not is_click_placeholder(make_click_id())


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-.", max_size=40))
def test_plain_words_and_numbers_are_placeholders_only_by_name(value: str) -> None:
    """No style is made of letters, digits, dots and hyphens alone."""
    assert is_placeholder(value) == (value in {"replace", "optional", "placeholder", "replaceme"})
