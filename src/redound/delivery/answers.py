"""What an answer, or its absence, means: success or whose fault, in words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.catalog import Success
from redound.core.deliveries import ErrorKind, Fault, Response

if TYPE_CHECKING:
    from redound.delivery.wire import Connection

_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_-]{3,20})", re.ASCII)
# Encodings that trackers' pages really come in. Others (Python knows odd ones) are read as UTF-8.
_CHARSETS = frozenset({"iso-8859-1", "iso-8859-5", "iso-8859-15", "koi8-r", "windows-1250", "windows-1251"})
_CHARSETS |= {"windows-1252", "windows-1254", "shift_jis", "euc-kr", "gb18030", "gbk", "big5"}
_ELSEWHERE = re.compile(r"(?:https?:)?//([^/?#\s]{1,200})", re.ASCII | re.IGNORECASE)

_LOST = {
    ErrorKind.RESET: "The receiver closed the connection before its answer was complete.",
    ErrorKind.PROTOCOL: "The receiver's answer is not HTTP.",
    ErrorKind.TOO_LARGE: "The head of the receiver's answer is too large.",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whose fault it is (NONE: success), the category and a sentence."""

    fault: Fault = Fault.NONE
    kind: ErrorKind = ErrorKind.NONE
    detail: str = ""


SUCCESS = Judgement()
ANY_2XX = Success()


def read_response(connection: Connection) -> Response | None:
    """Return what came, None when not even a whole head did. Nothing is decompressed."""
    if not connection.head_done:
        return None
    # One pass over all of them: the parser lets no NUL through, and a call for each costs more than the rest.
    flat = iter(b"\0".join(connection.headers).decode("latin-1").split("\0") if connection.headers else ())
    headers = tuple(zip(flat, flat))  # noqa: B905 - pairs of one flat list
    body = _text(connection.body, headers) if connection.body else ""
    return Response(connection.status, headers, body, connection.truncated)


def judge(response: Response, success: Success) -> Judgement:
    """Judge a whole answer. A body cut off at the limit is judged by what was read of it."""
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - the classes of HTTP statuses
        return SUCCESS if success is ANY_2XX else _judge_body(response.body, success)
    if 300 <= status < 400:  # noqa: PLR2004 - the number is the rule
        return Judgement(Fault.RECEIVER, ErrorKind.REDIRECT, _whither(response))
    return Judgement(Fault.RECEIVER, ErrorKind.STATUS, f"The receiver answered {status}.")


def judge_lost(kind: ErrorKind, connection: Connection, seconds: float) -> Judgement:
    """Judge an exchange that ended without a whole answer."""
    if kind is ErrorKind.TIMEOUT:
        stage = "its answer was not complete" if connection.head_done else "no answer came"
        return Judgement(Fault.RECEIVER, kind, f"After {seconds:g} s {stage}.")
    return Judgement(Fault.RECEIVER, kind, _LOST[kind])


def header(response: Response, name: str) -> str | None:
    """Return the first header of this (lower-case) name."""
    return next((value for key, value in response.headers if key.lower() == name), None)


def _judge_body(body: str, success: Success) -> Judgement:
    if success.body_contains and success.body_contains not in body:
        return Judgement(Fault.RECEIVER, ErrorKind.BODY, "The answer does not contain the text it should.")
    if success.body_not_contains and success.body_not_contains in body:
        return Judgement(Fault.RECEIVER, ErrorKind.BODY, "The answer contains the text it should not.")
    return SUCCESS


def _whither(response: Response) -> str:
    location = header(response, "location")
    if location is None:
        return f"The receiver answered {response.status}; redirects are not followed."
    found = _ELSEWHERE.match(location)
    where = found[1].rpartition("@")[2] if found else "another path on the same host"
    return f"The receiver redirects to {where}; redirects are not followed."


def _text(body: bytes | bytearray, headers: tuple[tuple[str, str], ...]) -> str:
    """Decode; what cannot be decoded, and NUL (which PostgreSQL cannot store), becomes U+FFFD."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode(_charset(headers), "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _charset(headers: tuple[tuple[str, str], ...]) -> str:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    found = _CHARSET.search(kind)
    return found[1].lower() if found and found[1].lower() in _CHARSETS else "utf-8"
