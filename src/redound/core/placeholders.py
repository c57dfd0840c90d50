"""Telling a macro that somebody forgot to replace from a value.

Systems write macros in many styles; a report whose value still is one came from a URL that was pasted
without being set up, or through a system that does not know the name.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

WORDS: Final = frozenset(
    {
        "replace",
        "replace_me",
        "replaceme",
        "replace_this",
        "optional",
        "placeholder",
        "your_value",
        "your_click_id",
        "your_clickid",
        "your_subid",
        "insert_here",
    }
)
"""Words that ready-made URLs carry where a person should put something (BeMob: REPLACE, OPTIONAL)."""

CLICK_ID_NAMES: Final = frozenset(
    {
        "click_id",
        "clickid",
        "cid",
        "subid",
        "sub_id",
        "sub1",
        "sub2",
        "aff_sub",
        "affs1",
        "transaction_id",
        "transactionid",
        "externalid",
        "external_id",
        "tid",
    }
)
"""Names of macros for a click ID; bare in its place they are no value either (`click_id=CLICKID`)."""

_NAME = r"[A-Za-z_][\w.:\- ]{0,63}"
_MARKS = re.compile(r"[{}<>()\[\]#%@]|^xx|^__")
_BRACES = re.compile(r"\{([^{}]+)\}")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile(
    rf"\[{{1,3}}=?{_NAME}=?\]{{1,3}}"  # [x] [[x]] [[[x]]] [=x=]
    rf"|<{_NAME}>"
    rf"|\({_NAME}\)"
    rf"|%{_NAME}%"
    rf"|#{{1,2}}{_NAME}#{{1,2}}"
    rf"|@{_NAME}@"
    r"|xx[A-Z][A-Z0-9_]*xx"
    r"|__[A-Z][A-Z0-9_]*__"
)


def is_placeholder(value: str) -> bool:
    """Return whether nobody replaced the value: `{x}` and its kin, `#x#`, `[x]`, `%7Bx%7D`, REPLACE.

    A brace macro counts anywhere in the value, the weaker styles only when they are all of it. A GUID in
    braces is a value.
    """
    if _MARKS.search(value) is None:
        return value.casefold() in WORDS
    for form in _forms(value):
        if any(_is_name(inner) for inner in _BRACES.findall(form)):
            return True
        if _WHOLE.fullmatch(form) is not None or form.casefold() in WORDS:
            return True
    return False


def is_click_placeholder(value: str) -> bool:
    """Return whether a value in the place of a click ID is a macro, or a macro's bare name."""
    return value.casefold() in CLICK_ID_NAMES or is_placeholder(value)


def _is_name(inner: str) -> bool:
    """Return whether what stands in braces may name something: it has a letter and is no GUID."""
    return any(character.isalpha() for character in inner) and _GUID.fullmatch(inner) is None


def _forms(value: str) -> list[str]:
    """Return the value as it is and, while that changes it, percent-decoded (twice at most)."""
    forms = [value]
    while len(forms) <= 2 and "%" in forms[-1]:  # noqa: PLR2004 - encoded once by each of two systems
        decoded = unquote(forms[-1])
        if decoded == forms[-1]:
            break
        forms.append(decoded)
    return forms
