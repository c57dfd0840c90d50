"""Signatures, verified the way a receiver does it: with the code of the documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from redound.core.catalog import Method, Pair
from redound.core.requests import CannotCompileError, build, compile_postback
from redound.core.signing import new_secret, read_secret
from redound.core.targets import Target, check_url
from tests.builders import NOW_MS, make_postback
from tests.docs.pages import page

KEY = bytes(range(32))
SECRET = new_secret(KEY)
DELIVERY = "dlv_019a9f6f1c2a00112233445566aa"


def send(values=None, **changes):
    """A request of Alice's signed postback."""
    postback = make_postback(sign=True, signing_secret=SECRET, **changes)
    return build(
        compile_postback(postback, lambda _field, sealed: sealed), values or {}, DELIVERY, 1, NOW_MS, "r"
    )


def documented():
    """The functions of the page's Python examples."""
    names: dict[str, object] = {}
    for block in page("docs/macros.md").blocks("python"):
        exec(block, names)
    return names


def test_a_secret_is_made_and_read():
    """What Alice copies into her receiver is base64 after a mark; the mark may be missing."""
    assert SECRET.startswith("whsec_")
    assert read_secret(SECRET) == read_secret(SECRET.removeprefix("whsec_")) == KEY


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!!", "short", "whsec_" + base64.b64encode(b"x" * 15).decode()]
)
def test_what_is_no_secret_is_none(secret):
    """A key that is too short is not used."""
    assert read_secret(secret) is None


def test_a_post_is_signed_after_standard_webhooks():
    """The headers are those of the standard: HMAC-SHA256 over id.timestamp.body, base64, versioned."""
    request = send({"sub1": "é"}, method=Method.POST_JSON, params=(Pair("a", "{sub1}"),))
    headers = dict(request.headers)
    assert headers["webhook-id"] == DELIVERY
    assert headers["webhook-timestamp"] == str(NOW_MS // 1000)
    signed = f"{DELIVERY}.{NOW_MS // 1000}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_documented_check_accepts_our_post_and_no_other():
    """A receiver that copies the page's code takes what we send, and nothing that was changed."""
    verify = documented()["verify_post"]
    request = send({"sub1": "x"}, method=Method.POST_FORM, params=(Pair("a", "{sub1}"),))
    headers = dict(request.headers)
    now = NOW_MS // 1000 + 10
    assert verify(SECRET, headers, request.body, now)
    assert not verify(SECRET, headers, request.body + b"&b=1", now)
    assert not verify(SECRET, headers | {"webhook-id": "dlv_other"}, request.body, now)
    assert not verify(SECRET, headers, request.body, now + 3600)
    assert not verify(new_secret(b"x" * 32), headers, request.body, now)


@pytest.mark.parametrize(
    "url",
    [
        "https://t.example.com/pb?cid={sub1}&t={timestamp}&sig={sig}",
        "https://t.example.com/pb?sig={sig}&cid={sub1}&t={timestamp}",
        "https://t.example.com?t={timestamp}&cid={sub1}&sig={sig}",
        "https://t.example.com/é?cid={sub1}&n=ñ&sig={sig}#end",
    ],
)
def test_the_documented_check_accepts_our_get_and_no_other(url):
    """A receiver takes the URL that it was called with, wherever the signature stands in it."""
    verify = documented()["verify_get"]
    request = send({"sub1": "a b"}, url=url)
    judged = check_url(request.url)
    assert isinstance(judged, Target)
    target = judged.path_and_query
    assert verify(SECRET, DELIVERY, target)
    assert not verify(SECRET, DELIVERY, target.replace("a%20b", "c"))
    assert not verify(SECRET, "dlv_other", target)
    assert not verify(new_secret(b"x" * 32), DELIVERY, target)


def test_a_signature_may_stand_in_a_parameter():
    """A parameter of the postback carries it as well as the URL does."""
    request = send(url="https://t.example.com/pb", params=(Pair("a", "1"), Pair("s", "{sig}")))
    assert documented()["verify_get"](
        SECRET, DELIVERY, request.url.removeprefix("https://t.example.com"), "s"
    )


def test_a_get_without_the_macro_is_not_signed():
    """Where no signature is asked for none is sent."""
    request = send({"sub1": "x"}, url="https://t.example.com/?a={sub1}")
    assert request.url == "https://t.example.com/?a=x"
    assert not any(name.startswith("webhook-s") for name, _ in request.headers)


def test_an_unreadable_secret_is_not_ignored():
    """A postback that is to sign never goes out unsigned."""
    with pytest.raises(CannotCompileError, match="signing secret"):
        compile_postback(make_postback(sign=True, signing_secret="x"), lambda _field, sealed: sealed)
