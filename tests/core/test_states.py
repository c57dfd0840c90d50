"""Status words and the table of allowed changes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.states import ALLOWED, WORDS, Actor, Status, allowed, normal_word, word_to_status

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("done", APPROVED),
        ("sale", APPROVED),
        ("confirmed", APPROVED),
        ("declined", REJECTED),
        ("trash", REJECTED),
        ("cancelled", REJECTED),
        ("hold", HOLD),
        ("lead", PENDING),
        ("chargeback", REFUNDED),
    ],
)
def test_an_advertiser_writes_a_word_of_the_trade_and_is_understood(word: str, status: Status) -> None:
    """The built-in words mean what they mean elsewhere."""
    assert word_to_status(word, {}) is status


@pytest.mark.parametrize("word", ["APPROVED", "Approved", "  approved ", "aPPROVED"])
def test_case_and_blanks_around_a_word_do_not_matter(word: str) -> None:
    """Words are compared without case."""
    assert word_to_status(word, {}) is APPROVED


@pytest.mark.parametrize("word", ["on_hold", "on-hold", "On Hold", "ONHOLD"])
def test_a_word_of_two_words_may_be_joined_in_any_way(word: str) -> None:
    """Blank, hyphen and underscore are one."""
    assert word_to_status(word, {}) is HOLD


@pytest.mark.parametrize("word", ["", "1", "0", "yes", "approvedd", "aprroved", "not approved", "неизвестно"])
def test_an_unknown_word_means_nothing(word: str) -> None:
    """Nothing unknown is guessed at, numbers included: systems disagree about them."""
    assert word_to_status(word, {}) is None


def test_an_advertisers_own_word_goes_before_the_built_in_one() -> None:
    """To Acme `lead` is a sale, and `5` a hold."""
    own = {"Lead": APPROVED, "5": HOLD}
    assert word_to_status("lead", own) is APPROVED
    assert word_to_status("5", own) is HOLD
    assert word_to_status("declined", own) is REJECTED


@given(st.text())
def test_only_a_listed_word_is_ever_approved(word: str) -> None:
    """An unknown word is never approved, whatever it looks like."""
    if word_to_status(word, {}) is APPROVED:
        assert normal_word(word) in WORDS[APPROVED]


def test_each_word_stands_in_the_table_once_and_in_its_normal_form() -> None:
    """No word has two meanings."""
    words = [word for words in WORDS.values() for word in words]
    assert len(words) == len(set(words))
    assert [normal_word(word) for word in words] == words


def test_every_status_means_itself() -> None:
    """Our own names are words, too."""
    assert all(word_to_status(status.value, {}) is status for status in Status)


@pytest.mark.parametrize("before", [PENDING, HOLD])
def test_a_report_moves_what_is_open_anywhere(before: Status) -> None:
    """From pending and hold to anything."""
    assert all(allowed(before, after, Actor.REPORT) for after in Status if after is not before)


def test_a_report_takes_back_what_was_approved_and_nothing_more() -> None:
    """Approved becomes rejected or refunded."""
    assert [after for after in Status if allowed(APPROVED, after, Actor.REPORT)] == [REJECTED, REFUNDED]


@pytest.mark.parametrize("before", [REJECTED, REFUNDED])
def test_a_report_leaves_what_is_settled(before: Status) -> None:
    """Rejected and refunded are final for an advertiser."""
    assert not any(allowed(before, after, Actor.REPORT) for after in Status)


def test_bob_may_bring_a_rejected_conversion_back() -> None:
    """A manager also changes rejected to approved or pending."""
    assert [after for after in Status if allowed(REJECTED, after, Actor.MANAGER)] == [PENDING, APPROVED]


def test_bob_may_do_all_that_a_report_may() -> None:
    """Nothing that an advertiser can do is closed to a manager."""
    for before, after in itertools.permutations(Status, 2):
        if allowed(before, after, Actor.REPORT):
            assert allowed(before, after, Actor.MANAGER)


def test_the_end_of_a_hold_concerns_holds_only() -> None:
    """It cannot touch anything else."""
    changes = [(before, after) for before in Status for after in Status if allowed(before, after, Actor.HOLD)]
    assert changes == [(HOLD, PENDING), (HOLD, APPROVED), (HOLD, REJECTED)]


@pytest.mark.parametrize("actor", Actor)
def test_staying_is_no_change_and_refunded_is_the_end(actor: Actor) -> None:
    """The table has a row for every status and actor."""
    assert set(ALLOWED[actor]) == set(Status)
    assert not any(allowed(status, status, actor) for status in Status)
    assert not ALLOWED[actor][REFUNDED]


def test_each_status_has_a_bit_of_its_own() -> None:
    """Masks of statuses that a conversion has been through can be told apart."""
    assert [status.bit for status in Status] == [1, 2, 4, 8, 16]
