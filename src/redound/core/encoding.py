"""One encoding for each position that a value can stand in; a value is encoded exactly once.

All results are printable ASCII (form and JSON bodies too), so none can end a header or a request line.
Characters that no encoding knows (lone surrogates) become "?".
"""

from __future__ import annotations

import re
from html import escape
from json.encoder import encode_basestring_ascii
from urllib.parse import quote, quote_plus

_NOT_UNRESERVED = re.compile(r"[^A-Za-z0-9_.~-]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_NO_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?")
_DOT_SEGMENT = re.compile(r"(?:(?<=/)|^)\.\.?(?=/|$)")
# What may stand as it is in a part of a URL (RFC 3986), without what separates parameters.
_NOT_IN_PATH = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9_.~!$&'()*+,;=:@/%-]+")
_NOT_IN_QUERY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9_.~!$'()*+,=:@/?%-]+")


def query(value: str) -> str:
    """Percent-encode all but letters, digits and `-._~`; a space is `%20`."""
    if _NOT_UNRESERVED.search(value) is None:
        return value
    return quote(value, safe="", errors="replace")


def path(value: str) -> str:
    """Encode as in a query; `.` and `..`, which would name another folder, have their dots encoded, too."""
    return value.replace(".", "%2E") if value in {".", ".."} else query(value)


def raw_query(value: str) -> str:
    """Leave all that may stand in a query's value, `%41` included; encode the rest.

    `&`, `;` and `#` are encoded, too: a value never adds a parameter.
    """
    return _NOT_IN_QUERY.sub(_percent, value)


def raw_path(value: str) -> str:
    """Leave all that may stand in a path, `/` and `%41` included; encode the rest, and dot segments."""
    encoded = _NOT_IN_PATH.sub(_percent, value)
    return _DOT_SEGMENT.sub(lambda found: found[0].replace(".", "%2E"), encoded)


def form(value: str) -> str:
    """Encode for a form body: as HTML forms do, a space is `+`."""
    return quote_plus(value, safe="", errors="replace")


def json_text(value: str) -> str:
    """Escape for the inside of a JSON string."""
    return encode_basestring_ascii(_known(value))[1:-1]


def json_string(value: str) -> str:
    """Return a whole JSON string."""
    return encode_basestring_ascii(_known(value))


def json_number(value: str) -> str:
    """Return the value itself when it is a JSON number, else a JSON string."""
    return value if _NUMBER.fullmatch(value) else json_string(value)


def header(value: str) -> str:
    """Return a safe header value: controls become spaces, what is not ASCII is percent-encoded."""
    if _UNPRINTABLE.search(value) is None:
        return value
    return _UNPRINTABLE.sub(_header_character, value)


def html(value: str) -> str:
    """Escape for text and quoted attributes of HTML: `& < > " '` and what is not printable ASCII.

    Controls go: HTML has no references for them.
    """
    escaped = escape(_NO_HTML.sub("", _known(value)))
    return _UNPRINTABLE.sub(lambda found: f"&#{ord(found[0])};", escaped)


def html_raw_query(value: str) -> str:
    """As `raw_query`, in an attribute."""
    return escape(raw_query(value))


def html_raw_path(value: str) -> str:
    """As `raw_path`, in an attribute."""
    return escape(raw_path(value))


def _header_character(found: re.Match[str]) -> str:
    character = found[0]
    return " " if character < " " or character == "\x7f" else _percent(found)


def _percent(found: re.Match[str]) -> str:
    return quote(found[0], safe="", errors="replace")


def _known(value: str) -> str:
    return _SURROGATES.sub("?", value) if not value.isascii() else value
