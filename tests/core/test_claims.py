"""Reading claims: aliases, contradictions, limits, and bodies of JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.claims import ADV_SUBS, ALIASES, LIMITS, MAX_PARAMETERS, PARAMETERS, json_pairs, read_claim
from redound.core.reports import Claim, Refusal, Verdict
from tests.builders import make_click_id

NAMES = [
    (name, parameter)
    for parameter, others in PARAMETERS.items()
    for name in (parameter, *others)
    if parameter != "return"
]


def value_of(claim: Claim | Refusal, parameter: str) -> str:
    """What the claim holds for a parameter."""
    assert isinstance(claim, Claim)
    return claim.adv_subs[parameter] if parameter in ADV_SUBS else getattr(claim, parameter)


def refused(claim: Claim | Refusal) -> str:
    """The sentence of a malformed report."""
    assert isinstance(claim, Refusal)
    assert claim.verdict is Verdict.MALFORMED
    return claim.detail


@pytest.mark.parametrize(("name", "parameter"), NAMES)
def test_every_name_in_the_table_is_read(name: str, parameter: str) -> None:
    """Whatever an advertiser's system calls it."""
    assert value_of(read_claim([(name, "value-1")]), parameter) == "value-1"


@pytest.mark.parametrize("name", ["CONVERSIONTYPECODE", "conversiontypecode", "conversionTypeCode"])
def test_the_case_of_a_name_does_not_matter(name: str) -> None:
    """Systems disagree about it."""
    assert read_claim([(name, "sale")]) == Claim(goal="sale")


def test_names_we_do_not_know_are_left_alone() -> None:
    """They stay in the raw request."""
    assert read_claim([("utm_source", "x"), ("click_id", "abc")]) == Claim(click_id="abc")


def test_blanks_around_a_value_go_and_an_empty_value_is_none() -> None:
    """`txid=&tid=%20T1%20` says T1."""
    assert read_claim([("txid", ""), ("tid", " T1 "), ("status", "  ")]) == Claim(txid="T1")


def test_two_names_that_agree_are_fine() -> None:
    """An advertiser may send the same thing twice."""
    assert read_claim([("click_id", "abc"), ("cid", "abc"), ("cid", "abc")]) == Claim(click_id="abc")


def test_two_names_that_contradict_each_other_are_malformed() -> None:
    """Nobody can tell which one is meant; the sentence names both but no value."""
    sentence = refused(read_claim([("payout", "10"), ("revenue", "12")]))
    assert sentence == "'payout' and 'revenue' both mean amount but have different values."


def test_one_name_with_two_values_is_malformed() -> None:
    """Not the first and not the last wins."""
    assert "'txid' is given twice" in refused(read_claim([("txid", "A"), ("txid", "B")]))


def test_a_token_that_differs_from_the_path_key_is_malformed_and_not_shown() -> None:
    """Which advertiser it is cannot be told."""
    sentence = refused(read_claim([("token", "secret-one")], path_key="secret-two"))
    assert "secret" not in sentence


def test_the_path_key_counts_as_the_token() -> None:
    """An advertiser's own report URL needs no token parameter."""
    assert read_claim([("token", "key-1")], path_key="key-1") == Claim(token="key-1")
    assert read_claim([], path_key="key-1") == Claim(token="key-1")


def test_a_click_id_that_was_upper_cased_comes_back_in_lower_case() -> None:
    """Many trackers change the case of values."""
    click_id = make_click_id()
    assert read_claim([("cid", click_id.upper()), ("click_id", click_id)]) == Claim(click_id=click_id)


def test_what_is_no_click_id_keeps_its_case() -> None:
    """It may be known as something else."""
    assert read_claim([("cid", "ORDER-1")]) == Claim(click_id="ORDER-1")


def test_a_test_cannot_be_claimed_from_outside() -> None:
    """Only our testers mark tests."""
    claim = read_claim([("test", "1"), ("click_id", "abc")])
    assert isinstance(claim, Claim)
    assert claim.test is False


@pytest.mark.parametrize("pair", [("txid", "a\0b"), ("utm\0", "x"), ("utm_source", "\0")])
def test_a_nul_character_anywhere_is_malformed(pair: tuple[str, str]) -> None:
    """No database here keeps it in a text."""
    assert "NUL" in refused(read_claim([pair]))


@pytest.mark.parametrize("pair", [("txid", "a\udcff"), ("\ud800", "x")])
def test_what_was_not_utf_8_is_malformed(pair: tuple[str, str]) -> None:
    """A lone surrogate stands for bytes that could not be decoded; the sentence itself can be stored."""
    refused(read_claim([pair])).encode()


def test_text_of_any_script_is_kept() -> None:
    """A customer may be called anything."""
    assert read_claim([("customer_id", "Алиса 🦊")]) == Claim(customer_id="Алиса 🦊")


def test_too_many_parameters_are_malformed() -> None:
    """500 are read, 501 are not."""
    pairs = [(f"p{number}", "x") for number in range(MAX_PARAMETERS)]
    assert read_claim(pairs) == Claim()
    assert "501" in refused(read_claim([*pairs, ("one_more", "x")]))


@pytest.mark.parametrize("parameter", [name for name in LIMITS if name != "return"])
def test_a_value_may_be_as_long_as_its_limit_and_not_longer(parameter: str) -> None:
    """A cut txid would be another transaction's."""
    longest = "x" * LIMITS[parameter]
    assert value_of(read_claim([(parameter, longest)]), parameter) == longest
    assert f"{LIMITS[parameter] + 1} characters" in refused(read_claim([(parameter, longest + "x")]))


def test_an_advertiser_may_have_names_of_its_own() -> None:
    """The table can be replaced."""
    assert read_claim([("zakaz", "T1"), ("tid", "T2")], {"zakaz": "txid"}) == Claim(txid="T1")


def test_every_parameter_is_in_the_table_under_its_own_name() -> None:
    """And no name means two things."""
    assert all(ALIASES[parameter] == parameter for parameter in PARAMETERS)
    assert len(ALIASES) == sum(1 + len(others) for others in PARAMETERS.values())


def test_a_json_number_is_kept_as_it_is_written() -> None:
    """12.30 never passes through a float."""
    body = b'{"amount": 12.30, "txid": 100000000000000000000001, "big": 1e400}'
    assert json_pairs(body) == [
        ("amount", "12.30"),
        ("txid", "100000000000000000000001"),
        ("big", "1e400"),
    ]


def test_json_true_false_and_null_have_a_text() -> None:
    """Null is as good as not given."""
    assert json_pairs('{"a": true, "b": false, "c": null}') == [("a", "true"), ("b", "false"), ("c", "")]


def test_a_json_member_given_twice_contradicts_itself() -> None:
    """Both are seen, unlike with a plain dictionary."""
    pairs = json_pairs('{"txid": "A", "txid": "B"}')
    assert not isinstance(pairs, Refusal)
    assert "given twice" in refused(read_claim(pairs))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'["a"]',
        b'"text"',
        b"12",
        b'{"a": {"b": 1}}',
        b'{"a": [1]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_flat_json_object_is_malformed(body: bytes) -> None:
    """It has no parameters to read."""
    pairs = json_pairs(body)
    assert isinstance(pairs, Refusal)
    assert pairs.verdict is Verdict.MALFORMED


@given(st.lists(st.tuples(st.sampled_from([name for name, _ in NAMES]), st.text(max_size=8)), max_size=6))
def test_a_claim_never_holds_anything_that_was_not_sent(pairs: list[tuple[str, str]]) -> None:
    """Whatever comes, each value of a claim is one that was given for it."""
    claim = read_claim(pairs)
    if isinstance(claim, Claim):
        for parameter in ("click_id", "goal", "status", "amount", "currency", "txid", "customer_id", "token"):
            given_values = {value.strip() for name, value in pairs if ALIASES[name.lower()] == parameter} | {
                ""
            }
            assert getattr(claim, parameter) in given_values
    else:
        assert claim.verdict is Verdict.MALFORMED
