"""IDs: sorted by time, click IDs that only we can make, link codes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.ids import (
    ALPHABET,
    CLICK,
    PREFIXES,
    ClickIdParts,
    ClickKeys,
    NotOurs,
    PrefixedId,
    click_floor,
    day_bounds,
    id_floor,
    link_code,
    mint_click_id,
    new_id,
    read_click_id,
    read_id,
    read_link_code,
)

KEYS = ClickKeys(
    current=3, keys={3: b"our own key, 32 bytes long......", 9: b"the key that was used before...."}
)
TIMES = st.integers(0, 2**42 - 1)
LINKS = st.integers(0, 2**32 - 1)
RANDOM = st.binary(min_size=8, max_size=8)


@given(TIMES, LINKS, RANDOM)
def test_a_click_id_tells_what_it_was_made_of(now_ms, link_number, random8):
    """Alice's click ID comes back and tells its time, its key and her link."""
    click_id = mint_click_id(KEYS, now_ms, link_number, random8)
    assert len(click_id) == 40
    assert set(click_id) <= set(ALPHABET)
    assert read_click_id(KEYS, click_id) == ClickIdParts(now_ms, 3, link_number, click_id)


@given(TIMES, LINKS, RANDOM)
def test_a_tracker_may_change_the_case(now_ms, link_number, random8):
    """A tracker that puts IDs in capitals loses nothing: the canonical ID is told."""
    click_id = mint_click_id(KEYS, now_ms, link_number, random8)
    assert read_click_id(KEYS, click_id.upper()) == read_click_id(KEYS, click_id)


@given(TIMES, LINKS, RANDOM, st.integers(0, 39), st.sampled_from(ALPHABET))
def test_a_click_id_with_another_character_is_forged(now_ms, link_number, random8, position, character):
    """Charlie changes one character; the ID is not ours any more."""
    click_id = mint_click_id(KEYS, now_ms, link_number, random8)
    changed = click_id[:position] + character + click_id[position + 1 :]
    if changed != click_id:
        assert read_click_id(KEYS, changed) == NotOurs("forged")


@given(st.integers(0, 39), st.characters())
def test_a_click_id_with_a_foreign_character_is_no_id_of_ours(position, character):
    """Whatever character gets into an ID, from any script, it is refused and nothing breaks."""
    click_id = mint_click_id(KEYS, 1_763_600_000_000, 7, b"12345678")
    changed = click_id[:position] + character + click_id[position + 1 :]
    if changed.lower() != click_id or not character.isascii():
        assert isinstance(read_click_id(KEYS, changed), NotOurs)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "abc",
        "0" * 39,
        "0" * 41,
        "u" * 40,
        " " * 40,
        "+" + "0" * 39,
        "0_" * 20,
        "{click_id}" * 4,
        "٣" * 40,
    ],
)
def test_another_shape_is_malformed(raw):
    """What cannot be a click ID is told from a forged one; int()'s own liberties are not taken."""
    assert read_click_id(KEYS, raw) == NotOurs("malformed")


def test_a_click_id_of_another_installation_is_forged():
    """Charlie mints IDs with a key of his own, under our key's number."""
    charlie = ClickKeys(current=3, keys={3: b"somebody else's key............."})
    click_id = mint_click_id(charlie, 1_763_600_000_000, 7, b"12345678")
    assert read_click_id(KEYS, click_id) == NotOurs("forged")


def test_an_id_of_a_key_that_we_do_not_hold_is_forged():
    """An ID says that it was signed with key 5, which we never had."""
    other = ClickKeys(current=5, keys={5: b"somebody else's key............."})
    assert read_click_id(KEYS, mint_click_id(other, 1, 7, b"12345678")) == NotOurs("forged")


def test_ids_made_before_a_rotation_are_still_ours():
    """After the key was changed, visitors who clicked before still convert."""
    before = ClickKeys(current=9, keys={9: KEYS.keys[9]})
    click_id = mint_click_id(before, 1_763_600_000_000, 7, b"12345678")
    assert read_click_id(KEYS, click_id) == ClickIdParts(1_763_600_000_000, 9, 7, click_id)


@given(TIMES, TIMES, LINKS, LINKS, RANDOM, RANDOM)
def test_click_ids_sort_by_time(first, second, one, other, random_one, random_other):
    """IDs sort by their time, whatever the link, the key and the random part."""
    older, newer = sorted((first, second))
    if older == newer:
        return
    before = ClickKeys(current=9, keys=KEYS.keys)
    assert mint_click_id(before, older, one, random_one) < mint_click_id(KEYS, newer, other, random_other)
    assert click_floor(newer) > mint_click_id(before, older, one, random_one)
    assert click_floor(newer) <= mint_click_id(KEYS, newer, other, random_other)


@given(st.sampled_from(sorted(PREFIXES)), st.integers(0, 2**48 - 2), RANDOM)
def test_a_prefixed_id_tells_kind_and_time(prefix, now_ms, random8):
    """A delivery's ID says that it is one, and since when."""
    made = new_id(prefix, now_ms, random8)
    assert len(made) == 32
    assert read_id(made) == PrefixedId(prefix, now_ms)
    assert id_floor(prefix, now_ms) <= made < id_floor(prefix, now_ms + 1)


@pytest.mark.parametrize(
    "raw", ["", "dlv_", "dlv_123", "abc_" + "0" * 28, "DLV_" + "0" * 28, "dlv_" + "g" * 28, "dlv_" + "0" * 29]
)
def test_what_is_no_prefixed_id_is_none(raw):
    """A search for something else does not become an ID."""
    assert read_id(raw) is None


@pytest.mark.parametrize("prefix", ["att", CLICK])
def test_a_day_is_a_range_of_ids(prefix):
    """A day's traffic is one range: from its first millisecond to before the next day's first."""
    first, after = day_bounds(prefix, date(2026, 11, 20))
    start = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)

    def made(at):
        return mint_click_id(KEYS, at, 1, b"\xff" * 8) if prefix == CLICK else new_id(prefix, at, b"\xff" * 8)

    assert made(start - 1) < first <= made(start) < made(start + 86_400_000 - 1) < after
    assert after == day_bounds(prefix, date(2026, 11, 21))[0]


@given(LINKS)
def test_a_link_code_is_seven_characters_and_comes_back(number):
    """Alice's link has a short code, which may be typed in any case."""
    code = link_code(number)
    assert len(code) == 7
    assert read_link_code(code) == read_link_code(code.upper()) == number


@pytest.mark.parametrize(
    "code", ["", "123456", "12345678", "zzzzzzz", "-000001", "000_001", "000000l", "000000é"]
)
def test_a_code_that_no_link_has_is_none(code):
    """A mistyped code is refused before any look-up, one beyond 32 bits included."""
    assert read_link_code(code) is None


@pytest.mark.parametrize(
    ("current", "keys"),
    [(1, {}), (1, {2: b"x" * 32}), (16, {16: b"x" * 32}), (1, {1: b"short"}), (1, {1: b"x" * 65})],
)
def test_keys_that_cannot_be_used_are_refused(current, keys):
    """An operator learns of a bad key at the start, not with the first click."""
    with pytest.raises(ValueError, match="click key"):
        ClickKeys(current, keys)


@pytest.mark.parametrize(("now_ms", "link_number"), [(-1, 1), (2**42, 1), (1, -1), (1, 2**32)])
def test_what_does_not_fit_is_an_error(now_ms, link_number):
    """A time or link number out of range never becomes another one's ID."""
    with pytest.raises(ValueError, match="does not fit"):
        mint_click_id(KEYS, now_ms, link_number, b"12345678")


def test_keys_do_not_show():
    """A key never gets into a log by way of a repr."""
    assert "our own key" not in repr(KEYS)
