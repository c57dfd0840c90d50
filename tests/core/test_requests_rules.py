"""What a postback may send: every refusal has a pointer, a code and a sentence."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from redound.core.catalog import Auth, Method, Pair
from redound.core.requests import validate_postback
from tests.builders import make_postback

URL = "https://t.example.com/pb?cid={sub1}"
SECRET = "whsec_c2lnbmluZyBrZXkgb2YgMjQgYnl0ZXM="


def problems(**changes):
    """Pointer and code of everything that is wrong with Alice's postback so changed."""
    found = validate_postback(make_postback(**({"url": URL} | changes)))
    assert all(problem.message.endswith((".", ")")) for problem in found)
    return [(problem.pointer, problem.code) for problem in found]


def test_a_sound_postback_has_no_problems():
    """Alice's postback can be saved."""
    assert problems() == []
    assert problems(headers=(Pair("X-Id", "{delivery_id}"),), params=(Pair("a", "{payout|int}"),)) == []
    assert problems(method=Method.POST_JSON, body='{"a": {payout}}', sign=True, signing_secret=SECRET) == []
    assert problems(url="https://t.example.com/?d={click_time|date:%d %m %Y}&x=имя") == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://t.example.com/?a={clickid}", "unknown_macro"),
        ("https://{sub1}.example.com/", "macro_in_host"),
        ("https://t.example.com/?a={sub1|shout}", "unknown_modifier"),
        ("https://t.example.com/#{sub1}", "macro_in_fragment"),
        ("t.example.com/pb", "missing_scheme"),
        ("ftp://t.example.com/pb", "bad_scheme"),
        ("https://t.example.com/a b", "stray_space"),
        ("https://user:pw@t.example.com/", "userinfo"),
        ("https://127.0.0.1/pb", "private_host"),
        ("https://t.example.com/?r={revenue}", "macro_not_visible"),
    ],
)
def test_urls_that_are_refused(url, code):
    """A URL is judged as a template and as an address."""
    found = problems(url=url)
    assert found == [("/url", code)]


def test_operators_may_allow_their_own_networks():
    """A receiver on loopback is fine where the operator says so."""
    postback = make_postback(url="http://127.0.0.1:9000/pb?a={sub1}")
    assert validate_postback(postback, [ip_network("127.0.0.0/8")]) == []
    assert [problem.pointer for problem in validate_postback(postback)] == ["/url"]


def test_an_unknown_macro_comes_with_characters_and_suggestions():
    """The editor can underline it and offer the fix."""
    url = "https://t.example.com/?a={payuot}"
    (problem,) = validate_postback(make_postback(url=url))
    assert url[problem.start : problem.end] == "{payuot}"
    assert problem.suggestions[0] == "payout"


@pytest.mark.parametrize("place", ["url", "params", "headers", "body"])
def test_revenue_is_the_managers(place):
    """Alice's postback cannot send what the network earns, wherever she writes it; Bob's can."""
    changes = {
        "url": {"url": "https://t.example.com/?r={revenue|int}"},
        "params": {"params": (Pair("r", "{revenue}"),)},
        "headers": {"headers": (Pair("X-R", "{revenue}"),)},
        "body": {"method": Method.POST_JSON, "body": '{"r": {revenue}}'},
    }[place]
    assert [code for _, code in problems(**changes)] == ["macro_not_visible"]
    assert problems(affiliate_id=None, **changes) == []


@pytest.mark.parametrize(
    "name",
    [
        "Host", "host", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Content-Length", "Content-Encoding", "Expect", "Accept-Encoding", "Cookie", "Set-Cookie",
        "Proxy-Authorization", "Proxy-Connection", "Forwarded", "Via", "X-Forwarded-For", "X-Real-IP",
        "X-Forwarded-Host", "True-Client-IP", "CF-Connecting-IP", "X-Original-URL", "X-HTTP-Method-Override",
        "Metadata", "Metadata-Flavor",
        "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds",
        "X-aliyun-ecs-metadata-token",
        "X-Google-Metadata-Request", "X-Metadata-Token", "webhook-id", "Idempotency-Key", "webhook-signature",
        "webhook-timestamp", "Sec-Fetch-Site",
    ],
)  # fmt: skip
def test_headers_that_cannot_be_set(name):
    """Nothing that steers the connection, poses as a proxy or opens a cloud's metadata."""
    assert problems(headers=(Pair(name, "x"),)) == [("/headers/0/name", "forbidden_header")]
    assert problems(auth=Auth("header", name=name, token="x")) == [("/auth/name", "forbidden_header")]


@pytest.mark.parametrize("name", ["", "X Y", "X:", "X\r\nY", "Ü", "X\x00", "{sub1}", "X" * 101])
def test_header_names_are_tokens(name):
    """A name that could end its line is refused."""
    assert problems(headers=(Pair(name, "x"),)) == [("/headers/0/name", "bad_header_name")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\r\nb", "control_char"),
        ("a\x00", "control_char"),
        ("é", "control_char"),
        ("x" * 4097, "too_long"),
        ("{x}", "unknown_macro"),
    ],
)
def test_header_values_stay_on_their_line(value, code):
    """A literal value is printable ASCII."""
    assert problems(headers=(Pair("X-A", value),)) == [("/headers/0/value", code)]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ((Pair("", "x"),), [("/params/0/name", "bad_param_name")]),
        ((Pair("a\n", "x"),), [("/params/0/name", "bad_param_name")]),
        ((Pair("{sub1}", "x"),), [("/params/0/name", "macro_in_name")]),
        ((Pair("a", "x"), Pair("b", "{sub1")), [("/params/1/value", "unbalanced_macro")]),
        ((Pair("a", "1"), Pair("a", "2")), []),
        (tuple(Pair(f"p{number}", "x") for number in range(51)), [("/params", "too_many")]),
    ],
)
def test_parameters(params, found):
    """A name is literal, a value is a template; a name may come twice in a query."""
    assert problems(params=params) == found


def test_a_json_object_has_each_name_once():
    """Two parameters of one name would be one in JSON."""
    params = (Pair("a", "1"), Pair("a", "2"))
    assert problems(method=Method.POST_JSON, params=params) == [("/params/1/name", "duplicate_param")]


def test_a_header_stands_once():
    """Whatever its case, and also besides the auth that sets it."""
    assert problems(headers=(Pair("X-A", "1"), Pair("x-a", "2"))) == [("/headers/1/name", "duplicate_header")]
    authorization = (Pair("Authorization", "x"),)
    assert problems(headers=authorization, auth=Auth("bearer", token="t")) == [("/auth", "duplicate_header")]
    assert problems(headers=(Pair("X-A", "1"),), auth=Auth("header", name="x-a", token="t")) == [
        ("/auth/name", "duplicate_header")
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"method": Method.GET, "body": "{}"}, [("/body", "body_not_sent")]),
        ({"method": Method.POST_FORM, "body": "{}"}, [("/body", "body_not_sent")]),
        ({"method": Method.POST_JSON, "body": "{"}, [("/body", "bad_json")]),
        (
            {"method": Method.POST_JSON, "body": "{}", "params": (Pair("a", "b"),)},
            [("/body", "body_and_params")],
        ),
    ],
)
def test_bodies(changes, found):
    """A body template is JSON, for a JSON post, and the only body."""
    assert problems(**changes) == found


@pytest.mark.parametrize(
    ("auth", "found"),
    [
        (Auth("digest"), [("/auth/type", "bad_auth_type")]),
        (Auth("basic", login="", password="x"), [("/auth/login", "bad_login")]),
        (Auth("basic", login="a:b", password="x"), [("/auth/login", "bad_login")]),
        (Auth("basic", login="a", password="x\n"), [("/auth/password", "bad_password")]),
        (Auth("basic", login="a"), []),
        (Auth("bearer"), [("/auth/token", "bad_token")]),
        (Auth("bearer", token="a b"), [("/auth/token", "bad_token")]),
        (Auth("header", name="X-Key", token=""), [("/auth/token", "bad_token")]),
        (Auth("header", name="X-Key", token="a\r\nb"), [("/auth/token", "control_char")]),
        (Auth("header", name="X Key", token="a"), [("/auth/name", "bad_header_name")]),
        (Auth("header", name="X-Key", token="Token abc"), []),
    ],
)
def test_auth(auth, found):
    """Credentials cannot end their line, and belong to the type of auth."""
    assert problems(auth=auth) == found


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://t.example.com/?s={sig}"},
        {"url": "https://t.example.com/?s={sig}", "method": Method.POST_FORM, "sign": True},
        {"url": "https://t.example.com/?s={sig|upper}", "sign": True},
        {"headers": (Pair("X-Sig", "{sig}"),), "sign": True},
        {"method": Method.POST_JSON, "body": '"{sig}"', "sign": True},
    ],
)
def test_where_a_signature_cannot_stand(changes):
    """{sig} stands in the URL or a parameter of a signed GET, as it is."""
    assert [code for _, code in problems(**changes)] == ["bad_signature_macro"]


def test_where_a_signature_can_stand():
    """In the URL and in a parameter; the secret itself may still have to be made."""
    assert problems(url="https://t.example.com/?s={sig}", sign=True) == []
    assert problems(params=(Pair("s", "{sig}"),), sign=True) == []
