"""The token never stays in what is kept of a request."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.claims import mask, mask_body, read_claim
from redound.core.reports import Claim

SECRET = "s3cret-Token/1"
FORM = "application/x-www-form-urlencoded"
secrets = st.text(min_size=8, max_size=20).filter(
    lambda text: text == text.strip() and "\0" not in text and "*" not in text and text.isprintable()
)
letters = st.text(alphabet="abcdefgh0123456789", max_size=8)


def test_the_token_is_masked_and_the_rest_stays_as_it_came() -> None:
    """Order, escapes and oddities of the rest are evidence."""
    assert mask("a=%7B1%7D&token=abc&&b=x+y") == "a=%7B1%7D&token=***&&b=x+y"


@pytest.mark.parametrize(
    "query",
    [
        "token=abc123",
        "TOKEN=abc123",
        "Token=abc123&x=1",
        "%74oken=abc123",
        "%54%4f%4B%45%4e=abc123",
        "+token+=abc123",
        "token%20=abc123",
        "x=1&amp;token=abc123",
        "x=1;token=abc123;y=2",
        "landing=https%3A%2F%2Fx%2F%3Ftoken%3Dabc123",
        "token=abc123&token=abc123",
        "my_token=abc123",
    ],
)
def test_however_the_name_is_written_the_token_goes(query: str) -> None:
    """Case, escapes and broken separators do not save it."""
    assert "abc123" not in mask(query)


def test_a_known_secret_goes_wherever_it_stands() -> None:
    """An advertiser put the token into a sub parameter, too, escaped."""
    escaped = "".join(f"%{byte:02X}" for byte in SECRET.encode())
    masked = mask(f"adv_sub1={escaped}&adv_sub2={quote(SECRET)}&adv_sub3=x&{SECRET}=1", [SECRET])
    assert masked == "adv_sub1=***&adv_sub2=***&adv_sub3=x&***"


def test_a_query_without_a_token_is_untouched() -> None:
    """Nothing else is a secret."""
    query = "click_id=abc&status=approved&x=%E2%82%AC"
    assert mask(query, [SECRET]) == query


def test_a_nul_is_replaced() -> None:
    """No database keeps one in a text."""
    assert mask("a=\0") == "a=\ufffd"
    assert mask_body('{"a": "\0"}', "application/json") == '{"a": "\ufffd"}'


def test_a_json_body_keeps_its_form_around_the_mask() -> None:
    """Blanks and order stay."""
    body = '{ "token" : "abc" ,\n "txid":"T1", "amount": 12.30 }'
    assert mask_body(body, "application/json") == '{ "token" : "***" ,\n "txid":"T1", "amount": 12.30 }'


@pytest.mark.parametrize(
    "body",
    [
        '{"TOKEN": "abc123"}',
        '{"\\u0074oken": "abc123"}',
        '{"token": "a\\"bc123"}',
        '{"token": 9123456789}',
        '{"token": ["abc123"]}',
        '{"token": {"a": "abc123"}}',
        '{"token": "abc123',
        '{"url": "https://x/?token=abc123"}',
        '[{"token": "abc123"}]',
        '\ufeff {"token": "abc123"}',
    ],
)
def test_the_token_of_a_json_body_goes_even_if_the_body_is_broken(body: str) -> None:
    """What cannot be parsed is kept, too, and so must be masked."""
    masked = mask_body(body, "application/json")
    assert "abc123" not in masked
    assert "bc123" not in masked
    assert "9123456789" not in masked


def test_json_is_recognised_whatever_its_type_says() -> None:
    """A wrong content type must not leak."""
    assert "abc123" not in mask_body('{"token":"abc123"}', FORM)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc123\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        ("<r><token>abc123</token></r>", "application/xml"),
        ("token: abc123", "text/yaml"),
    ],
)
def test_a_body_of_a_kind_we_do_not_read_keeps_nothing_behind_the_word(body: str, kind: str) -> None:
    """Better too much than too little."""
    assert "abc123" not in mask_body(body, kind)


@given(secrets, st.lists(st.tuples(letters, letters), max_size=4))
def test_no_query_keeps_the_token_that_was_read_from_it(secret: str, others: list[tuple[str, str]]) -> None:
    """The masked query never contains the token, neither plain nor escaped, and reads to no token of ours."""
    raw = urlencode([*others, ("token", secret), *others])
    masked = mask(raw, [secret])
    assert secret not in masked
    assert quote(secret) not in masked
    assert quote_plus(secret) not in masked


@given(
    secrets, st.booleans(), st.dictionaries(letters, st.one_of(letters, st.integers(), st.none()), max_size=4)
)
def test_no_json_body_keeps_the_token(secret: str, ascii_only: bool, others: dict[str, object]) -> None:
    """However its characters are escaped; and what is left is JSON still."""
    raw = json.dumps({**others, "token": secret, "adv_sub1": f"x{secret}"}, ensure_ascii=ascii_only)
    masked = mask_body(raw, "application/json", [secret])
    left = json.loads(masked)
    assert secret not in masked
    assert left["token"] == left["adv_sub1"] == "***"
    assert {name: left[name] for name in others} == others


@given(st.text(alphabet="tokenTOKEN%2057346fFbBeE=&;+ x1", max_size=60))
def test_whatever_is_read_as_the_token_was_masked(raw: str) -> None:
    """For any query: the token that the parser finds is gone from the masked text."""
    from urllib.parse import parse_qsl

    claim = read_claim(parse_qsl(raw, keep_blank_values=True, errors="surrogateescape"))
    masked = mask(raw)
    again = read_claim(parse_qsl(masked, keep_blank_values=True, errors="surrogateescape"))
    if isinstance(claim, Claim) and claim.token:
        assert isinstance(again, Claim)
        assert again.token == "***"
