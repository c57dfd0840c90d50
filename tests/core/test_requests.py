"""From a postback to the request that goes out, and to the masked one that is stored."""

from __future__ import annotations

import base64
import json
import tomllib
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.catalog import Auth, Method, Pair
from redound.core.deliveries import SentRequest
from redound.core.requests import MASK, USER_AGENT, CannotCompileError, build, compile_postback
from tests.builders import NOW_MS, make_postback

DELIVERY = "dlv_019a9f6f1c2a00112233445566aa"
VALUES = {"sub1": "abc 1", "payout": "12.50", "status": "approved", "goal": "sale"}
IDS = {"webhook-id": DELIVERY, "Idempotency-Key": DELIVERY}
TEXT = st.text(st.characters(exclude_categories=("Cs",)))


def opened(field, sealed):
    """Stands in for the vault: a sealed text is the field's name, a colon and the text."""
    name, _, text = sealed.partition(":")
    assert name == field
    return text


def send(values=None, attempt=1, **changes):
    """The request for one attempt of Alice's postback."""
    compiled = compile_postback(make_postback(**changes), opened)
    return build(compiled, VALUES if values is None else values, DELIVERY, attempt, NOW_MS, "r4nd0m")


def test_a_get_request():
    """Alice's tracker is called with the values in the query, and told who calls and for which delivery."""
    request = send(url="https://t.example.com/pb?cid={sub1}&sum={payout}")
    assert request.method == "GET"
    assert request.url == "https://t.example.com/pb?cid=abc%201&sum=12.50"
    assert request.body == b""
    assert dict(request.headers) == {"User-Agent": USER_AGENT, "Accept": "*/*", **IDS}
    assert request.masked == SentRequest("GET", request.url, request.headers, "")


def test_we_name_ourselves_with_our_version():
    """A receiver can tell which version calls."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert f"Redound/{project['project']['version']}" == USER_AGENT


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://t.example.com/pb", "https://t.example.com/pb?a=abc%201&b=x%26y"),
        ("https://t.example.com/pb?k=1", "https://t.example.com/pb?k=1&a=abc%201&b=x%26y"),
        ("https://t.example.com/pb?", "https://t.example.com/pb?a=abc%201&b=x%26y"),
        ("https://t.example.com/pb?k=1&", "https://t.example.com/pb?k=1&a=abc%201&b=x%26y"),
        ("https://t.example.com/pb?k={goal}", "https://t.example.com/pb?k=sale&a=abc%201&b=x%26y"),
        ("https://t.example.com/{goal}#top", "https://t.example.com/sale?a=abc%201&b=x%26y"),
        ("https://t.example.com", "https://t.example.com/?a=abc%201&b=x%26y"),
        ("https://t.example.com?k=1", "https://t.example.com/?k=1&a=abc%201&b=x%26y"),
        (
            "https://t.example.com/имя?k=é{goal}",
            "https://t.example.com/%D0%B8%D0%BC%D1%8F?k=%C3%A9sale&a=abc%201&b=x%26y",
        ),
        ("https://bücher.example/", "https://bücher.example/?a=abc%201&b=x%26y"),
    ],
)
def test_get_parameters_follow_the_url(url, sent):
    """Parameters are appended to whatever query the URL has; its fragment is not sent."""
    assert send(url=url, params=(Pair("a", "{sub1}"), Pair("b", "x&y"))).url == sent


def test_a_form_is_posted():
    """Parameters of a form go into the body; the URL keeps its own query."""
    request = send(
        url="https://t.example.com/pb?k={goal}",
        method=Method.POST_FORM,
        params=(Pair("a b", "{sub1}"), Pair("sum", "{payout} EUR")),
    )
    assert (request.method, request.url) == ("POST", "https://t.example.com/pb?k=sale")
    assert request.body == b"a+b=abc+1&sum=12.50+EUR"
    assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"


def test_parameters_are_posted_as_json():
    """Parameters of a JSON post become an object of strings."""
    request = send(method=Method.POST_JSON, params=(Pair("id", "{sub1}"), Pair('say "x"', "{payout}€")))
    assert json.loads(request.body) == {"id": "abc 1", 'say "x"': "12.50€"}
    assert dict(request.headers)["Content-Type"] == "application/json"


def test_a_json_post_without_anything_is_an_empty_object():
    """A receiver of JSON always gets JSON."""
    assert send(method=Method.POST_JSON).body == b"{}"


def test_a_body_template_is_posted():
    """Alice writes the JSON herself, nested and with numbers."""
    request = send(method=Method.POST_JSON, body='{"event": {"id": "{sub1}", "sum": {payout}}}')
    assert json.loads(request.body) == {"event": {"id": "abc 1", "sum": 12.5}}


def test_headers_are_sent():
    """Headers with and without macros go out; one of ours can be replaced where that does no harm."""
    request = send(
        headers=(Pair("X-Click", "id {sub1}"), Pair("X-Fixed", "yes"), Pair("user-agent", "Alice's own")),
    )
    assert dict(request.headers) == {
        "Accept": "*/*",
        "X-Fixed": "yes",
        "user-agent": "Alice's own",
        "X-Click": "id abc 1",
        **IDS,
    }


def test_an_attempt_adds_its_own_values():
    """Number, time and random text are those of the attempt, the delivery's ID that of all attempts."""
    url = "https://t.example.com/?{x}".replace(
        "{x}", "a={attempt}&t={timestamp}&d={delivery_id}&p={postback_id}&r={random}"
    )
    assert send(url=url, attempt=3).url == (
        f"https://t.example.com/?a=3&t={NOW_MS // 1000}&d={DELIVERY}&p=pbk_tracker&r=r4nd0m"
    )


def test_frozen_values_never_pose_as_the_attempts():
    """What an attempt knows itself it does not take from what was stored."""
    request = send(
        {"delivery_id": "dlv_other", "attempt": "9"}, url="https://t.example.com/?a={attempt}&d={delivery_id}"
    )
    assert request.url == f"https://t.example.com/?a=1&d={DELIVERY}"


@pytest.mark.parametrize(
    ("auth", "header", "shown"),
    [
        (
            Auth("basic", login="alice", password="auth.password:pass word"),
            ("Authorization", "Basic " + base64.b64encode(b"alice:pass word").decode()),
            f"Basic {MASK}",
        ),
        (Auth("bearer", token="auth.token:t0ken"), ("Authorization", "Bearer t0ken"), f"Bearer {MASK}"),
        (Auth("header", name="X-Api-Key", token="auth.token:t0ken"), ("X-Api-Key", "t0ken"), MASK),
    ],
)
def test_credentials_are_sent_and_never_stored(auth, header, shown):
    """The receiver gets Alice's credentials; what is stored and shown of the request has dots."""
    request = send(auth=auth)
    assert header in request.headers
    assert (header[0], shown) in request.masked.headers
    assert "t0ken" not in repr(request)
    assert base64.b64encode(b"alice:pass word").decode() not in repr(request)


def test_secret_parameters_and_headers_are_never_stored():
    """A secret key in a parameter or header reaches the receiver alone; the rest is stored as it went out."""
    request = send(
        params=(Pair("key", "params.key:s3cret-{goal}", secret=True), Pair("a", "{sub1}")),
        headers=(Pair("X-Key", "headers.X-Key:s3cret", secret=True), Pair("X-Open", "{sub1}")),
        url="https://t.example.com/",
    )
    assert request.url == "https://t.example.com/?key=s3cret-sale&a=abc%201"
    assert dict(request.headers)["X-Key"] == "s3cret"
    assert request.masked.url == f"https://t.example.com/?key={MASK}&a=abc%201"
    assert dict(request.masked.headers)["X-Key"] == MASK
    assert dict(request.masked.headers)["X-Open"] == "abc 1"
    assert "s3cret" not in repr(request)


@pytest.mark.parametrize("method", [Method.POST_FORM, Method.POST_JSON])
def test_secrets_in_a_body_are_never_stored(method):
    """A form or JSON body with a secret is stored with dots in its place."""
    request = send(method=method, params=(Pair("key", "params.key:s3cret", secret=True), Pair("a", "{goal}")))
    assert b"s3cret" in request.body
    assert "s3cret" not in request.masked.body
    assert MASK in request.masked.body
    assert "sale" in request.masked.body


def test_an_authorization_header_is_secret_even_unmarked():
    """Alice put her token into a plain header; it is hidden all the same."""
    request = send(headers=(Pair("authorization", "Token abc"),))
    assert ("authorization", "Token abc") in request.headers
    assert ("authorization", MASK) in request.masked.headers


def test_a_compiled_postback_does_not_show_its_secrets():
    """Neither a log nor a traceback shows them."""
    compiled = compile_postback(
        make_postback(
            auth=Auth("bearer", token="auth.token:t0ken"),
            sign=True,
            signing_secret="signing_secret:whsec_c2lnbmluZyBrZXkgb2YgMjQgYnl0ZXM=",
        ),
        opened,
    )
    assert "t0ken" not in repr(compiled)
    assert "c2lnbm" not in repr(compiled)
    assert "signing key" not in repr(compiled)


def test_a_broken_postback_is_not_compiled():
    """A stored postback that breaks a rule of today is told from one that fails at its receiver."""
    with pytest.raises(CannotCompileError, match="/url: There is no macro") as refused:
        send(url="https://t.example.com/?a={nonsense}")
    assert [problem.code for problem in refused.value.problems] == ["unknown_macro"]


def test_an_affiliates_postback_cannot_be_made_to_send_revenue():
    """Not even one that got into the database some other way is compiled."""
    with pytest.raises(CannotCompileError, match="manager"):
        send({"revenue": "20.00"}, url="https://t.example.com/?r={revenue}")
    managers = send({"revenue": "20.00"}, url="https://t.example.com/?r={revenue}", affiliate_id=None)
    assert managers.url == "https://t.example.com/?r=20.00"


@given(TEXT, TEXT, TEXT)
def test_values_add_no_parameter_and_no_header(first, second, third):
    """Whatever the values, the receiver sees the same parameters, the same headers, and the exact values."""
    values = {"sub1": first, "sub2": second, "param.x": third}
    request = send(
        values,
        url="https://t.example.com/p?a={sub1}",
        params=(Pair("b", "{sub2}!"), Pair("c", "{param.x}{sub1}")),
        headers=(Pair("X-One", "{sub1}"), Pair("X-Two", "v{sub2|raw}")),
    )
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True, strict_parsing=True)
    assert query == [("a", first), ("b", second + "!"), ("c", third + first)]
    assert [name for name, _ in request.headers] == [
        "User-Agent",
        "Accept",
        "X-One",
        "X-Two",
        "webhook-id",
        "Idempotency-Key",
    ]
    assert all(value.isascii() and value.isprintable() for _, value in request.headers)


@given(TEXT, TEXT)
def test_posted_values_arrive_exactly(first, second):
    """A form and a JSON object give the receiver the same values."""
    params = (Pair("a", "{sub1}"), Pair("b", "x{sub2}y"))
    expected = {"a": first, "b": f"x{second}y"}
    values = {"sub1": first, "sub2": second}
    form = send(values, method=Method.POST_FORM, params=params)
    assert dict(parse_qsl(form.body.decode(), keep_blank_values=True, strict_parsing=True)) == expected
    assert json.loads(send(values, method=Method.POST_JSON, params=params).body) == expected
