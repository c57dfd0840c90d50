"""Which URLs may be called, judged by their text."""

from __future__ import annotations

import string
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.targets import MAX_URL, Refusal, Target, check_url

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def code(raw: str, allowed=()) -> str:
    """The refusal's code, "" when the URL may be called."""
    judged = check_url(raw, allowed)
    return judged.code if isinstance(judged, Refusal) else ""


@pytest.mark.parametrize(
    ("raw", "scheme", "host", "port", "path"),
    [
        ("https://tracker.example.com/pb?cid={sub1}", "https", "tracker.example.com", 443, "/pb?cid={sub1}"),
        ("http://tracker.example.com", "http", "tracker.example.com", 80, "/"),
        ("http://tracker.example.com?a=1", "http", "tracker.example.com", 80, "/?a=1"),
        ("HTTPS://Tracker.Example.COM:443/A", "https", "tracker.example.com", 443, "/A"),
        ("http://tracker.example.com:8080/", "http", "tracker.example.com", 8080, "/"),
        ("https://my_tracker.example.com/", "https", "my_tracker.example.com", 443, "/"),
        ("https://r3---sn-x.example.com/", "https", "r3---sn-x.example.com", 443, "/"),
        ("https://трекер.рф/пб", "https", "xn--e1aaowdh.xn--p1ai", 443, "/%D0%BF%D0%B1"),
        ("https://xn--e1aaowdh.xn--p1ai/", "https", "xn--e1aaowdh.xn--p1ai", 443, "/"),
        ("http://203.0.114.7/pb", "http", "203.0.114.7", 80, "/pb"),
        ("http://[2A00:1450:4001:0::1]:8443/", "http", "2a00:1450:4001::1", 8443, "/"),
        ("https://t.example/x?u=http://127.0.0.1/&v=a@b:c", "https", "t.example", 443, None),
        ("https://t.example/{sub1}/{a|default:x}?m={x|map:a=b,c=d}", "https", "t.example", 443, None),
        ("https://t.example/x?a=1#fragment", "https", "t.example", 443, "/x?a=1"),
    ],
)
def test_a_good_url_is_read(raw, scheme, host, port, path):
    """Alice's URL passes, template or rendered, and goes out as it stands."""
    target = check_url(raw)
    assert isinstance(target, Target)
    assert (target.scheme, target.host, target.port) == (scheme, host, port)
    assert target.path_and_query == (path if path is not None else raw[raw.index("/", 8) :])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "empty"),
        (" https://t.example/", "surrounding_space"),
        ("https://t.example/\n", "surrounding_space"),
        ("https://t.example/a b", "stray_space"),
        ("https://t .example/", "stray_space"),
        ("https://t.example/a\tb", "control_char"),
        ("https://t.example/a\r\nX: y", "control_char"),
        ("https://t.example/\x00", "control_char"),
        ("https://t.example/\x7f", "control_char"),
        ("https://t.example/a\u200bb", "invisible_char"),
        ("https://t.exa\u00admple/", "invisible_char"),
        ("https://t.example/\u00a0x", "invisible_char"),
        ("https://t.example/\ud800", "invisible_char"),
        ("https://t.example/\u202excod", "invisible_char"),
        ("http://127.0.0.1\\@t.example/", "backslash"),
        ("https://t.example/a\\b", "backslash"),
        ("t.example/pb", "missing_scheme"),
        ("t.example:8080/pb", "missing_scheme"),
        ("//t.example/pb", "missing_scheme"),
        ("/pb", "missing_scheme"),
        ("{scheme}://t.example/", "missing_scheme"),
        ("ftp://t.example/", "bad_scheme"),
        ("javascript:alert(1)", "bad_scheme"),
        ("file:///etc/passwd", "bad_scheme"),
        ("http:/t.example/", "bad_scheme"),
        ("http:t.example", "bad_scheme"),
        ("https://http://t.example/", "double_scheme"),
        ("http(s)://https://t.example/", "missing_scheme"),
        ("https:///pb", "missing_host"),
        ("https://?a=1", "missing_host"),
        ("https://:8080/", "missing_host"),
        ("https://#@t.example/", "missing_host"),
        ("https://u@t.example/", "userinfo"),
        ("https://u:p@t.example/", "userinfo"),
        ("https://t.example@127.0.0.1/", "userinfo"),
        ("https://{sub1}.example/", "macro_in_host"),
        ("https://t.example:{sub1}/", "macro_in_host"),
        ("https://t.example%2f.evil.example/", "bad_host"),
        ("https://%31%32%37.0.0.1/", "bad_host"),
        ("https://t..example/", "bad_host"),
        ("https://.t.example/", "bad_host"),
        ("https://-t.example/", "bad_host"),
        ("https://t-.example/", "bad_host"),
        ("https://t,x.example/", "bad_host"),
        ("https://t.example&x/", "bad_host"),
        ("https://t.exam_ple/", "bad_host"),
        ("https://t.1example/", "bad_host"),
        (f"https://{'a' * 64}.example/", "bad_host"),
        (f"https://{'a.' * 130}example/", "bad_host"),
        (f"https://{'a' * 5000}.example/", "bad_host"),
        ("https://t.example./", "trailing_dot_host"),
        ("https://localhost./", "trailing_dot_host"),
        ("https://xn--a.example/", "bad_host"),
        ("https://xn--ls8h.example/", "bad_host"),
        ("https://\u212aeitaro.example/", "bad_host"),
        ("https://t\u3002example/", "bad_host"),
        ("https://t\uff0eexample/", "bad_host"),
        ("https://\u0414\u041e\u041c.\u0440\u0444/", "bad_host"),
        ("https://[::1/", "bad_host"),
        ("https://[::1]x/", "bad_host"),
        ("https://[::1%25eth0]/", "bad_host"),
        ("https://[fe80::1%eth0]/", "bad_host"),
        ("https://[127.0.0.1]/", "bad_host"),
        ("https://[t.example]/", "bad_host"),
        ("https://::1/", "missing_host"),
        ("https://t.example:/", "bad_port"),
        ("https://t.example:0/", "bad_port"),
        ("https://t.example:080/", "bad_port"),
        ("https://t.example:+80/", "bad_port"),
        ("https://t.example:65536/", "bad_port"),
        ("https://t.example:\uff18\uff10/", "bad_port"),
        ("https://t.example:22/", "bad_port"),
        ("https://t.example:25/", "bad_port"),
        ("https://t.example:81/", "bad_port"),
        ("https://t.example:3306/", "bad_port"),
        ("https://t.example:6379/", "bad_port"),
        ("https://t.example:11211/", "bad_port"),
        ("https://127.1/", "ip_host"),
        ("https://0x7f.1/", "ip_host"),
        ("https://0x7f000001/", "ip_host"),
        ("https://2130706433/", "ip_host"),
        ("https://0177.0.0.1/", "ip_host"),
        ("https://127.0.0.01/", "ip_host"),
        ("https://1.2.3.4.5/", "ip_host"),
        ("https://t.example.7/", "ip_host"),
        ("https://\uff11\uff12\uff17.0.0.1/", "ip_host"),
        ("https://t.0x/", "ip_host"),
        ("https://256.0.0.1/", "bad_host"),
        ("https://127.0.0.1/", "private_host"),
        ("https://10.0.0.1/", "private_host"),
        ("https://169.254.169.254/latest/meta-data/", "private_host"),
        ("https://0.0.0.0/", "private_host"),
        ("https://[::1]/", "private_host"),
        ("https://[::]/", "private_host"),
        ("https://[::ffff:127.0.0.1]/", "private_host"),
        ("https://[::127.0.0.1]/", "private_host"),
        ("https://[64:ff9b::10.0.0.1]/", "private_host"),
        ("https://[2002:7f00:1::]/", "private_host"),
        ("https://localhost/", "private_host"),
        ("https://LOCALHOST:8000/", "private_host"),
        ("https://app.localhost/", "private_host"),
        ("https://printer.local/", "private_host"),
        ("https://db.internal/", "private_host"),
        ("https://router.home.arpa/", "private_host"),
        ("https://metadata.google.internal/", "private_host"),
        ("https://metadata/", "private_host"),
        ("https://1.0.0.127.in-addr.arpa/", "private_host"),
        ("https://x.onion/", "private_host"),
        ("https://tracker/", "single_label_host"),
        ("https://t.example/" + "x" * MAX_URL, "too_long"),
    ],
)
def test_a_bad_url_is_refused(raw, expected):
    """Charlie's tricks and Alice's slips have their codes, and a sentence."""
    judged = check_url(raw)
    assert isinstance(judged, Refusal)
    assert judged.code == expected
    assert judged.sentence.endswith(".")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("http://127.0.0.1:41233/pb", ""),
        ("http://[::1]:41233/pb", ""),
        ("http://127.0.0.1:3306/pb", ""),
        ("http://localhost:8000/pb", ""),
        ("http://tracker:8000/pb", ""),
        ("http://tracker.internal/pb", ""),
        ("http://router.home.arpa/", ""),
        ("http://127.0.0.1:22/pb", "bad_port"),
        ("http://10.0.0.1/", "private_host"),
        ("http://127.1/", "ip_host"),
        ("http://169.254.169.254/", "private_host"),
        ("http://metadata.google.internal/", "private_host"),
        ("http://instance-data/", "private_host"),
        ("https://t.example:6379/", "bad_port"),
        ("http://localhost\\@t.example/", "backslash"),
    ],
)
def test_an_operator_may_allow_a_network(raw, expected):
    """With loopback allowed, receivers of the operator's own pass; metadata and tricks do not."""
    assert code(raw, LOOPBACK) == expected


@pytest.mark.parametrize("network", ["0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/32"])
def test_metadata_cannot_be_allowed(network):
    """Not even by its very address."""
    assert code("http://169.254.169.254/", (ip_network(network),)) == "private_host"


def test_the_host_header_leaves_a_default_port_out():
    """`Host` is what browsers would say."""
    authorities = [
        check_url(raw).origin.authority
        for raw in ("http://T.example:80/", "https://t.example:80/", "http://[2a00:1450::1]:8080/")
    ]
    assert authorities == ["t.example", "t.example:80", "[2a00:1450::1]:8080"]


@given(st.text(max_size=60))
def test_any_text_is_judged(raw):
    """No string makes it raise."""
    assert isinstance(check_url(raw), Target | Refusal)


PIECES = st.sampled_from(
    (
        *(
            "http",
            "https",
            "://",
            ":",
            "/",
            "//",
            "\\",
            "@",
            "?",
            "#",
            "%",
            "[",
            "]",
            ".",
            "127.0.0.1",
            "localhost",
        ),
        *("t.example", "::1", "80", "0x7f", "1", "\t", " ", "{a}", "é", "。", "\u200b", "-", "_", "&", "a=b"),
    )
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_another_parser_sees_the_same_host(rest):
    """What passes has one reading: the standard library's parser finds the same host and port."""
    raw = "http://" + rest
    judged = check_url(raw)
    if isinstance(judged, Target):
        parts = urlsplit(raw)
        assert parts.hostname is not None
        assert parts.hostname.isascii() is False or parts.hostname == judged.host
        assert (parts.port or 80) == judged.port
        assert parts.username is None


@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_goes_on_the_wire_cannot_break_a_request(rest):
    """Path and query hold no blank, no control character, nothing beyond ASCII."""
    judged = check_url("https://t.example/" + rest)
    if isinstance(judged, Target):
        assert judged.path_and_query.startswith("/")
        assert set(judged.path_and_query) <= set(string.ascii_letters + string.digits + string.punctuation)
        assert judged.host == "t.example"
