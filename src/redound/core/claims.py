"""Reading a claim: parameter names of many systems become ours, and what cannot be read is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from redound.core.masking import mask, mask_body
from redound.core.reports import Claim, Refusal, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ALIASES",
    "LIMITS",
    "MAX_PARAMETERS",
    "PARAMETERS",
    "json_pairs",
    "mask",
    "mask_body",
    "read_claim",
]

MAX_PARAMETERS: Final = 500
"""A request with more parameters than this is malformed."""

ADV_SUBS: Final = tuple(f"adv_sub{number}" for number in range(1, 11))

PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "click_id": ("clickid", "cid", "subid", "sub_id", "transaction_id"),
    "goal": ("event", "et", "type", "conversionTypeCode"),
    "status": (),
    "amount": ("payout", "revenue", "sum"),
    "currency": (),
    "txid": ("tid", "external_id", "order_id", "conversion_id"),
    "customer_id": (),
    **dict.fromkeys(ADV_SUBS, ()),
    "token": (),
    "return": (),
}
"""Every parameter of a report with the other names it is known by. Names are compared without case."""

ALIASES: Final[Mapping[str, str]] = {
    name.lower(): parameter for parameter, others in PARAMETERS.items() for name in (parameter, *others)
}
"""Lower-case parameter name → ours. An advertiser may be given a table of its own."""

LIMITS: Final[Mapping[str, int]] = {
    "click_id": 500,
    "goal": 100,
    "status": 100,
    "amount": 100,
    "currency": 20,
    "txid": 255,
    "customer_id": 255,
    "token": 255,
    **dict.fromkeys(ADV_SUBS, 1000),
    "return": 4096,
}
"""The longest value of each parameter, in characters."""

_OUR_SHAPE = re.compile(r"[0-9a-hjkmnp-tv-z]{40}", re.IGNORECASE | re.ASCII)


def read_claim(
    pairs: Sequence[tuple[str, str]], aliases: Mapping[str, str] = ALIASES, *, path_key: str = ""
) -> Claim | Refusal:
    """Return what decoded (name, value) pairs of query, form and JSON claim, or why that cannot be told.

    The same value under two names is fine, two different ones contradict each other. Values lose the blanks
    around them; an empty one is as good as none. `path_key` is the key in the URL's path and counts as a
    token. A click ID comes back in lower case, as it is stored. The refusal never shows a value.
    """
    if len(pairs) > MAX_PARAMETERS:
        return _malformed(f"The request has {len(pairs)} parameters; {MAX_PARAMETERS} are the most.")
    values: dict[str, str] = {"token": path_key} if path_key else {}
    names: dict[str, str] = {"token": "the path"} if path_key else {}
    for name, raw in pairs:
        if "\0" in raw or "\0" in name or not (raw.isascii() and name.isascii()):
            problem = _unreadable(name) or _unreadable(raw)
            if problem:
                return _malformed(f"The parameter {_shown(name)} {problem}.")
        field = aliases.get(name) or aliases.get(name.strip().lower())
        if field is None:
            continue
        value = raw.strip()
        if not value:
            continue
        if field == "click_id" and _OUR_SHAPE.fullmatch(value) is not None:
            value = value.lower()
        known = values.setdefault(field, value)
        if known != value:
            return _contradiction(field, names[field], name)
        if len(value) > LIMITS[field]:
            return _malformed(
                f"The parameter {_shown(name)} has {len(value)} characters; {LIMITS[field]} are the most."
            )
        names.setdefault(field, name)
    return _claim(values)


def _claim(values: dict[str, str]) -> Claim:
    get = values.get
    subs = {name: value for name, value in values.items() if name.startswith("adv_sub")}
    return Claim(
        get("click_id", ""),
        get("goal", ""),
        get("status", ""),
        get("amount", ""),
        get("currency", ""),
        get("txid", ""),
        get("customer_id", ""),
        subs,
        get("token", ""),
    )


def json_pairs(body: str | bytes) -> list[tuple[str, str]] | Refusal:
    """Return the members of a JSON object as pairs: numbers as they are written, true, false, null as "".

    `amount: 12.30` must not pass through a float. A list or an object as a value is refused, since a claim
    has no such thing.
    """
    try:
        text = body.decode() if isinstance(body, bytes) else body
        pairs: Any = json.loads(
            text, object_pairs_hook=_Members, parse_float=str, parse_int=str, parse_constant=str
        )
    except UnicodeDecodeError:
        return _malformed("The JSON body is not UTF-8.")
    except (ValueError, RecursionError):
        return _malformed("The body is not valid JSON.")
    if not isinstance(pairs, _Members):
        return _malformed("The JSON body is not an object.")
    found: list[tuple[str, str]] = []
    for name, value in pairs:
        match value:
            case None:
                found.append((name, ""))
            case bool():
                found.append((name, "true" if value else "false"))
            case str():
                found.append((name, value))
            case _:
                return _malformed(f"The JSON member {_shown(name)} is not a plain value.")
    return found


class _Members(list[tuple[str, Any]]):
    """A JSON object's members, twice-named ones included; told from a JSON list by its type."""


def _unreadable(text: str) -> str:
    """Say what keeps a text from being stored; "" when nothing does."""
    if "\0" in text:
        return "has a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "is not valid UTF-8"
    return ""


def _contradiction(field: str, first: str, second: str) -> Refusal:
    if first == second:
        return _malformed(f"{_shown(first)} is given twice, with different values.")
    return _malformed(f"{_shown(first)} and {_shown(second)} both mean {field} but have different values.")


def _malformed(sentence: str) -> Refusal:
    return Refusal(Verdict.MALFORMED, sentence)


def _shown(name: str) -> str:
    """Quote a foreign name for a sentence, cut to a readable length and free of what cannot be stored."""
    return repr(name[:40].encode("ascii", "replace").decode().replace("\0", "?"))
