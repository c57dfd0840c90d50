"""What stands around a URL that somebody pasted: blanks, quotes, a tag, a Markdown link."""

from __future__ import annotations

import re
from typing import Final

INVISIBLE: Final = (
    r"\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
"""Characters that cannot be seen, for a class of a regular expression."""

_EDGE = re.compile(rf"[ \t\r\n\f\v{INVISIBLE}]")
_EDGES = re.compile(rf"[ \t\r\n\f\v{INVISIBLE}]*")
_TAG = re.compile(
    r"<\s*(?:img|iframe|a|script|link|embed|object)\s[^>]{0,2000}?(?:src|href|data)\s*=\s*[\"']?\s*([^\"'>\s]+)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"!?\[[^\]\[]{0,200}\]\((https?://[^\s]+)\)$", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(https?://.+)>$", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"([\"'`])(.+)\1$", re.DOTALL)
_SMART_QUOTED = re.compile("[\u2018-\u201f\u00ab\u2039](.+)[\u2018-\u201f\u00bb\u203a]$", re.DOTALL)


def unwrap(text: str, end: int) -> tuple[int, int, str]:
    """Return where the URL begins and ends in text[:end], and what it is wrapped in.

    That is "html", "markdown", "link" (angle brackets), "quotes", "smart" (typographic quotes) or "".
    """
    return _unwrap(text, *_trim(text, end))


def _trim(text: str, end: int) -> tuple[int, int]:
    start = _EDGES.match(text, 0, end)
    begins = start.end() if start else 0
    while end > begins and _EDGE.match(text[end - 1]):
        end -= 1
    return begins, end


def _unwrap(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Return the place of the URL inside a tag, a Markdown link, angle brackets or quotes."""
    if start == end or text[start] not in _OPENING:
        return start, end, ""
    for form, group, wrapper in _WRAPPERS:
        found = form.match(text, start, end)
        if found is not None:
            return *found.span(group), wrapper
    return start, end, ""


_OPENING: Final = frozenset("<![\"'`\u00ab\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039")
_WRAPPERS = (
    (_TAG, 1, "html"),
    (_MARKDOWN, 1, "markdown"),
    (_AUTOLINK, 1, "link"),
    (_QUOTED, 2, "quotes"),
    (_SMART_QUOTED, 1, "smart"),
)
