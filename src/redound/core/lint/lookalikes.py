"""Letters of other alphabets that look like Latin ones."""

from __future__ import annotations

import re
from typing import Final

_CYRILLIC = dict(
    zip("аеорсухіјѕԁһԛԝвкмнтгАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdhqwbkmhtrABEKMHOPCTYXIJS", strict=True)
)
_GREEK = dict(zip("αοντρυικηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aovtpuiknABEZHIKMNOPTYX", strict=True))
_TABLE: Final = str.maketrans({**_CYRILLIC, **_GREEK, "ı": "i", "ո": "n", "օ": "o", "ѵ": "v"})
_OTHER = re.compile("[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f]")


def latin(text: str) -> str:
    """Return the text with every such letter replaced by the Latin one that it looks like."""
    return text if text.isascii() else text.translate(_TABLE)


def disguised(text: str) -> bool:
    """Return whether a text in other letters could be read as a Latin one, every letter of it."""
    return bool(text) and all(letter.isascii() or letter in _ALIKE for letter in text)


_ALIKE: Final = frozenset("аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅαοντυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")


def foreign_letters(text: str) -> list[str]:
    """Return the Greek, Cyrillic and Armenian letters of a text."""
    return [] if text.isascii() else _OTHER.findall(text)
