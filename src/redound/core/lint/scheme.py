"""Rules about what stands before the path: scheme, host and port."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from redound.core.addresses import Refusal
from redound.core.lint.codes import Severity
from redound.core.lint.lookalikes import disguised, foreign_letters, latin
from redound.core.lint.subject import Note
from redound.core.nearness import distance
from redound.core.parsing import MASK, is_strong
from redound.core.targets import check_url
from redound.core.wrapping import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redound.core.addresses import Network
    from redound.core.lint.subject import Subject
    from redound.core.parsing import Parsed

MAX_HOST: Final = 300
"""Characters of a host that are looked at; names have 253 at most."""

_CALLED: Final = frozenset({"http", "https"})
_MOST_SLIPS: Final = 2
_UNSEEN = re.compile(rf"[\s{INVISIBLE}]+")
_LIKE_A_HOST = re.compile(
    r"(?:[^\W_][\w-]*\.)+[^\W\d_][\w-]*|localhost|\[[0-9a-f:.]+\]|\d+(?:\.\d+){3}", re.IGNORECASE
)
_PLACEHOLDER_LABEL = re.compile(
    r"(?:your|my)[-_]?(?:tracking|tracker)?[-_]?(?:domain|host|site|subdomain)(?:[-_]?(?:name|here))?"
    r"|your[-_]?(?:tracker|tracking|company|server|brand|account|network|url|keitaro|binom|voluum)[\w-]*"
    r"|(?:tracker|tracking)[-_]?(?:domain|host)|domain|hostname|subdomain|tenant|replace[-_]?me",
    re.IGNORECASE,
)
_CAPS = re.compile(r"[A-Z][A-Z0-9_-]{2,}")
_CAPS_WORD = re.compile(
    r"SUB|TRACKER|TRACKING|HOST|ACCOUNT|COMPANY|CLIENT|CUSTOM|NAME|DOMAIN|SUBDOMAIN|TENANT|XXX+"
)
_OWN_CODES: Final = frozenset(
    {"private_host", "single_label_host", "trailing_dot_host", "userinfo", "bad_port", "ip_host"}
)


def scheme(subject: Subject) -> Iterator[Note]:
    """https:// or http://, once."""
    parsed = subject.parsed
    start, end = parsed.scheme_span
    if _macro_first(parsed):
        return
    if parsed.again[0] < parsed.again[1]:
        last = re.search(r"https?(?=[^a-z]*$)", parsed.of(parsed.again), re.IGNORECASE)
        kept = f"{last[0].lower() if last else 'https'}://"
        yield Note("double_scheme", (start, parsed.again[1]), {}, ((start, parsed.again[1], kept),))
    elif not parsed.scheme:
        yield _missing(parsed)
    elif not re.match(r"https?:(?://|\\\\|\\/\\/)$", parsed.of(parsed.scheme_span), re.IGNORECASE):
        meant = _meant(parsed.scheme)
        edits = (
            ((start, end, f"{meant}://"),) if meant and parsed.authority[0] < parsed.authority[1] else None
        )
        yield Note("bad_scheme", (start, end), {"scheme": parsed.scheme}, edits)
    elif parsed.scheme == "http":
        yield Note("http_scheme", (start, end))


def _missing(parsed: Parsed) -> Note:
    start, end = parsed.scheme_span
    host = _UNSEEN.sub("", parsed.host[:MAX_HOST])
    looks_right = _LIKE_A_HOST.fullmatch(host) is not None
    place = (start, end) if start < end else (start, max(start, parsed.authority[1]))
    return Note("missing_scheme", place, {}, ((start, end, "https://"),) if looks_right else None)


def _meant(written: str) -> str:
    """Return the scheme that a mistyped one stands for: `htps`, `hxxps`, `https` without colon."""
    plain = latin(written.lower().replace("(s)", "s").replace("[s]", "s")).replace("hxxp", "http")
    if plain in _CALLED:
        return plain
    far = {name: distance(plain, name, _MOST_SLIPS) for name in ("https", "http")}
    best = min(far, key=lambda name: far[name])
    if far[best] > _MOST_SLIPS or plain in {"ftp", "ftps", "sftp", "app", "data", "tel", "sms", "ws", "wss"}:
        return ""
    return "https" if plain.endswith("s") else best


def _macro_first(parsed: Parsed) -> bool:
    """Tell whether the text begins with a macro where a scheme should be."""
    start = parsed.body[0]
    return parsed.masked.startswith(MASK, start) and parsed.scheme_span[0] == start and not parsed.scheme


def host(subject: Subject) -> Iterator[Note]:
    """A name on the public internet that a person has written out."""
    parsed = subject.parsed
    start, end = parsed.authority
    if _macro_first(parsed):
        first = parsed.macros[0]
        yield Note("macro_in_host", (first.start, first.end), {"macro": first.text})
        return
    if start == end:
        if parsed.scheme in _CALLED:
            yield Note("bad_host", parsed.scheme_span)
        return
    macros = parsed.macros_in(start, end)
    if macros:
        code = "macro_in_host" if is_strong(macros[0]) else "host_placeholder"
        yield Note(code, (macros[0].start, macros[0].end), {"macro": macros[0].text, "host": macros[0].text})
        return
    if not parsed.scheme and _LIKE_A_HOST.search(parsed.of((start, min(end, start + MAX_HOST)))) is None:
        return
    yield from _plain_host(parsed, subject.context.allowed)


def _plain_host(parsed: Parsed, allowed: Sequence[Network]) -> Iterator[Note]:
    start, end = parsed.authority
    written = parsed.of((start, end))
    at = start + written.rfind("@") + 1
    name = parsed.host
    span = (at, at + len(name))
    if "@" in written:
        yield Note("userinfo", (start, at), {}, ((start, at, ""),) if name else None)
    if _is_placeholder(name):
        yield Note("host_placeholder", span, {"host": name})
        return
    cleaned = _UNSEEN.sub("", name)
    if not cleaned.isascii() or "xn--" in cleaned.lower():
        mixed = _other_letters(name, span)
        yield from mixed
        if mixed and mixed[0].code == "mixed_script_host":
            return
    yield from _judged(parsed, cleaned, span, allowed)


def _judged(parsed: Parsed, name: str, span: tuple[int, int], allowed: Sequence[Network]) -> Iterator[Note]:
    """Say what the sender itself would refuse about host and port."""
    port = parsed.port
    colon = span[1] < parsed.authority[1]
    judged = check_url(f"https://{name}{':' + _UNSEEN.sub('', port) if colon else ''}/", allowed)
    if not isinstance(judged, Refusal):
        if judged.address is not None:
            yield Note("ip_host", span)
        return
    code = judged.code if judged.code in _OWN_CODES else "bad_host"
    match code:
        case "bad_port":
            place = (span[1], parsed.authority[1])
            edits = ((*place, ""),) if not port.strip() else None
            yield Note(code, place, {"port": port or ":"}, edits)
        case "trailing_dot_host":
            dots = len(name) - len(name.rstrip("."))
            yield Note(code, (span[1] - dots, span[1]), {}, ((span[1] - dots, span[1], ""),))
        case "ip_host":
            yield Note("ip_host.malformed", span, {"host": name}, severity=Severity.ERROR)
        case "userinfo" | "bad_host":
            yield Note("bad_host", span)
        case _:
            yield Note(code, span, {"host": name})


def _is_placeholder(name: str) -> bool:
    labels = name.split(".")
    if labels[-1].lower() in {"tld", "yourdomain", "domain"} or name == "...":
        return True
    if any(_PLACEHOLDER_LABEL.fullmatch(label) for label in labels):
        return True
    if len(labels) == 1:
        return _CAPS.fullmatch(name) is not None
    return name != name.upper() and any(_CAPS_WORD.fullmatch(label) for label in labels)


def _other_letters(name: str, span: tuple[int, int]) -> list[Note]:
    """Tell a host in another alphabet from one with single letters of it among Latin ones."""
    letters = foreign_letters(name)
    for label in name.split("."):
        theirs = foreign_letters(label)
        plain = any(letter.isascii() and letter.isalpha() for letter in label)
        if theirs and (plain or (disguised(label) and name.rpartition(".")[2].isascii())):
            mended = latin(name)
            edits = ((*span, mended),) if mended.isascii() else None
            return [Note("mixed_script_host", span, {"letters": " ".join(dict.fromkeys(letters))}, edits)]
    if any(unicodedata.category(letter).startswith("L") for letter in name if not letter.isascii()):
        return [Note("idn_host", span)]
    return [Note("idn_host", span)] if "xn--" in name.lower() else []
