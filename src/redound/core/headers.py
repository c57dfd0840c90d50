"""Which request headers a postback may set: none of the connection's, of ours or of a cloud's metadata."""

from __future__ import annotations

import re
from typing import Final

MAX_NAME: Final = 100
MAX_VALUE: Final = 4096

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")

_CONNECTION: Final = """
    host connection keep-alive te trailer transfer-encoding upgrade http2-settings content-length date
    content-encoding content-range range expect accept-encoding max-forwards
"""
_COOKIES: Final = "cookie cookie2 set-cookie set-cookie2"
_OURS: Final = "idempotency-key webhook-id webhook-timestamp webhook-signature"
_ROUTING: Final = """
    forwarded via client-ip x-client-ip x-real-ip x-cluster-client-ip true-client-ip cf-connecting-ip
    cf-connecting-ipv6 cf-ipcountry fastly-client-ip fly-client-ip x-appengine-user-ip x-remote-addr
    x-remote-ip x-envoy-external-address x-originating-ip x-original-url x-original-host x-rewrite-url x-host
    x-http-host-override x-http-method x-http-method-override x-method-override
"""
_METADATA: Final = "metadata metadata-flavor x-metadata-token x-google-metadata-request"
_PREFIXES: Final[tuple[tuple[str, str], ...]] = (
    ("proxy-", "belongs to proxies"),
    ("x-proxy-", "belongs to proxies"),
    ("x-forwarded", "tells servers where a request came from"),
    ("x-aws-ec2-metadata", "opens a cloud's metadata"),
    ("x-aliyun-ecs-metadata", "opens a cloud's metadata"),
    ("x-metadata", "opens a cloud's metadata"),
    ("sec-", "belongs to browsers"),
)
_FORBIDDEN: Final = {
    name: why
    for names, why in (
        (_CONNECTION, "belongs to the connection"),
        (_COOKIES, "carries cookies"),
        (_OURS, "is set by us"),
        (_ROUTING, "tells servers where a request came from or goes"),
        (_METADATA, "opens a cloud's metadata"),
    )
    for name in names.split()
}


def name_problem(name: str) -> tuple[str, str] | None:
    """Return code and sentence when a postback may not set a header of this name, else None."""
    if len(name) > MAX_NAME or not _TOKEN.fullmatch(name):
        return "bad_header_name", "A header's name consists of letters, digits and hyphens."
    lower = name.lower()
    why = _FORBIDDEN.get(lower) or next((why for prefix, why in _PREFIXES if lower.startswith(prefix)), None)
    return ("forbidden_header", f"{name} {why}, so it cannot be set.") if why else None


def value_problem(value: str) -> tuple[str, str] | None:
    """Return code and sentence when this literal text cannot be a header's value, else None."""
    if len(value) > MAX_VALUE:
        return "too_long", f"A header's value may have {MAX_VALUE} characters at most."
    if not _PRINTABLE.fullmatch(value):
        return "control_char", "A header's value consists of printable ASCII characters in one line."
    return None
