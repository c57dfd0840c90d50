"""Taking the reporting token out of what is kept of a request; all the rest stays as it came.

Masking errs on the side of too much: a token that is written in an unexpected way is better lost with what
stands beside it than stored. NUL characters become U+FFFD, because no database here keeps them in a text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK: Final = "***"
MIN_SECRET: Final = 6
"""A shorter secret is masked in its own parameter only: taken out everywhere, it would eat ordinary text."""

_LETTERS = "".join(f"(?:{letter}|%{ord(letter):02x}|%{ord(letter.upper()):02x})" for letter in "token")
_BLANKS = r"(?:\s|\+|%(?:20|09|0a|0b|0c|0d|1c|1d|1e|1f|85|a0|c2|e[1-3]|[89ab][0-9a-f]))*"
_IN_QUERY = re.compile(rf"({_LETTERS}{_BLANKS}(?:=|%3d))[^&]*", re.IGNORECASE)
_REPLACEMENT = rf"\1{MASK}"
_ANYWHERE = re.compile(rf"({_LETTERS}).*", re.IGNORECASE | re.DOTALL)
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?$)', re.DOTALL)
_JSON_COLON = re.compile(r"\s*:\s*")
_JSON_BARE = re.compile(r"[^\s,}\]]+")


def mask(raw_query: str, secrets: Iterable[str] = ()) -> str:
    """Return a raw query or form with the token's value as `***`, however its name is cased or escaped.

    `secrets` are further values that may not remain anywhere (the token as it was read, the path key).
    """
    text = raw_query.replace("\0", "\ufffd")
    escaped = "%" in text
    if escaped or "token" in text.lower():
        text = _IN_QUERY.sub(_REPLACEMENT, text)
    known = [secret for secret in secrets if len(secret) >= MIN_SECRET]
    if known and (escaped or "+" in text or any(secret in text for secret in known)):
        text = "&".join([_mask_pair(pair, known) for pair in text.split("&")])
    return text


def mask_body(raw_body: str, content_type: str, secrets: Iterable[str] = ()) -> str:
    """Return a raw body with the token masked: JSON by its strings, a form like a query.

    Of any other kind of body, which is not read, everything behind the word "token" goes.
    """
    if not raw_body:
        return raw_body
    kind = content_type.partition(";")[0].strip().lower()
    known = [secret for secret in secrets if len(secret) >= MIN_SECRET]
    if raw_body.lstrip("\ufeff \t\r\n")[:1] in {"{", "[", '"'} or kind.endswith("json"):
        return _mask_json(raw_body.replace("\0", "\ufffd"), known)
    if kind in {"", "application/x-www-form-urlencoded"}:
        return mask(raw_body, known)
    text = _ANYWHERE.sub(_REPLACEMENT, raw_body.replace("\0", "\ufffd"))
    for secret in known:
        text = text.replace(secret, MASK)
    return text


def _mask_pair(pair: str, secrets: list[str]) -> str:
    decoded = unquote_plus(pair)
    if not any(secret in decoded or secret in pair for secret in secrets):
        return pair
    name, equals, _ = pair.partition("=")
    plain = unquote_plus(name)
    if not equals or any(secret in plain or secret in name for secret in secrets):
        return MASK
    return f"{name}={MASK}"


def _mask_json(text: str, secrets: list[str]) -> str:
    """Mask in the text itself, so that broken JSON is masked, too, and the rest keeps its form."""
    parts: list[str] = []
    at = 0
    while (found := _JSON_STRING.search(text, at)) is not None:
        parts.append(text[at : found.start()])
        value = _json_text(found[0])
        colon = _JSON_COLON.match(text, found.end())
        if colon is not None and value.strip().casefold() == "token":
            parts += (text[found.start() : colon.end()], f'"{MASK}"')
            at = _end_of_value(text, colon.end())
        elif _IN_QUERY.search(value) is not None or any(secret in value for secret in secrets):
            parts.append(f'"{MASK}"')
            at = found.end()
        else:
            parts.append(found[0])
            at = found.end()
    parts.append(text[at:])
    masked = "".join(parts)
    for secret in secrets:
        masked = masked.replace(secret, MASK)
    return masked


def _end_of_value(text: str, start: int) -> int:
    """Return where a token's value ends: a string or bare word; of anything deeper nothing is kept."""
    found = _JSON_STRING.match(text, start) or _JSON_BARE.match(text, start)
    if found is None or text[start] in "{[":
        return len(text)
    return found.end()


def _json_text(raw: str) -> str:
    if "\\" not in raw:
        return raw.strip('"')
    try:
        value = json.loads(raw, strict=False)
    except ValueError:
        return raw.strip('"')
    return value if isinstance(value, str) else raw
