"""Reading the parameters of a report's body: a form or a JSON object."""

from __future__ import annotations

from typing import Final

from redound.core.claims import json_pairs
from redound.core.reports import Refusal
from redound.edge.query import BadQueryError, Pairs, split_pairs

_UNSURE: Final = frozenset({"", "text/plain", "application/octet-stream"})
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"


def kind_of(body: bytes, content_type: str) -> str:
    """Return the media type that a body is read as. Where it was forgotten the first character decides."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _UNSURE:
        return _JSON if body.lstrip()[:1] in {b"{", b"["} else _FORM
    return kind


def split_body(body: bytes, kind: str, most: int) -> Pairs:
    """Return the (name, value) pairs of a body of this media type. Raises BadQueryError."""
    if kind == _FORM:
        return split_pairs(body.strip(), most)
    if not kind.endswith(("/json", "+json")):
        raise BadQueryError(f"a body of type {kind[:60]}; a form or JSON is read")
    pairs = json_pairs(body.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(pairs, Refusal):
        raise BadQueryError(pairs.detail)
    return pairs
