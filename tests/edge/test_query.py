"""The splitter of queries and forms, against the standard library's."""

from __future__ import annotations

import contextlib
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.edge.query import BadQueryError, split_leniently, split_pairs

ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(st.lists(st.tuples(ANY, ANY), max_size=20))
def test_what_was_encoded_is_read_back(pairs):
    """Every text without NUL survives the way through a query."""
    assert split_pairs(urlencode(pairs).encode(), 50) == pairs


@given(st.text(st.sampled_from("ab=&+%20;fF\u00e9é/?. \t"), max_size=60))
def test_it_reads_what_the_standard_library_reads(text):
    """Where the standard library finds UTF-8 without NUL, both find the same pairs."""
    raw = text.encode()
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except UnicodeDecodeError:
        with pytest.raises(BadQueryError):
            split_pairs(raw, 200)
        return
    if "\0" in str(expected) or any("\0" in part for pair in expected for part in pair):
        with pytest.raises(BadQueryError):
            split_pairs(raw, 200)
        return
    assert split_pairs(raw, 200) == expected


@given(st.binary(max_size=200))
def test_no_bytes_are_an_error_of_ours(raw):
    """Anything is either read or refused; leniently it is always read, and can be stored."""
    with contextlib.suppress(BadQueryError):
        split_pairs(raw, 100)
    for name, value in split_leniently(raw, 100).items():
        assert "\0" not in name + value
        (name + value).encode()


@given(st.lists(st.sampled_from([("a", "1"), ("a", "2"), ("b", "3"), ("b", "4")]), max_size=8))
def test_of_a_name_given_twice_the_first_value_counts(pairs):
    """In a tracking link."""
    expected = {}
    for name, value in pairs:
        expected.setdefault(name, value)
    assert split_leniently(urlencode(pairs).encode(), 50) == expected


def test_too_many_parameters_are_refused_before_they_are_read():
    """The bound is on separators, so that nothing is built first."""
    split_pairs(b"a=1&" * 9, 10)
    with pytest.raises(BadQueryError, match="more than 10"):
        split_pairs(b"a=1&" * 10, 10)


def test_a_tracking_link_keeps_the_first_parameters_of_too_many():
    """The visitor is to arrive."""
    found = split_leniently(b"&".join(b"p%d=1" % number for number in range(50)), 10)
    assert list(found) == [f"p{number}" for number in range(10)]


@pytest.mark.parametrize("raw", [b"a=%00", b"a=\0", b"%00=a", quote("a\0b").encode() + b"=1"])
def test_a_nul_character_is_refused(raw):
    """PostgreSQL cannot keep one in a text."""
    with pytest.raises(BadQueryError, match="NUL"):
        split_pairs(raw, 10)
