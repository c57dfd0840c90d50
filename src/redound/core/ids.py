"""Identifiers: time-ordered prefixed IDs, click IDs that authenticate themselves, and the codes of links.

Every ID that is a key starts with its time, so that inserts go to the end of an index and a day of traffic
is one range of IDs. Nothing here reads a clock or a random source: both are handed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from hashlib import _Hash

PREFIXES: Final = frozenset(
    (
        *("adv", "brd", "ofr", "gol", "aff", "cmp", "lnk", "pbk", "rpt", "cnv", "trn", "dlv", "att", "ntf"),
        *("key", "rpl", "ply", "act", "inc"),
    )
)
CLICK: Final = ""
"""Stands for click IDs, which have no prefix, where a prefix is asked for."""

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's order without i, l, o and u: 32 characters that sort like the numbers they stand for."""

CLICK_ID_LENGTH: Final = 40
LINK_CODE_LENGTH: Final = 7
MIN_KEY_BYTES: Final = 16
MAX_KEY_BYTES: Final = 64

_ID = re.compile(r"([a-z]{3})_([0-9a-f]{12})[0-9a-f]{16}")
_PERSON = b"redound-click"
_TIME_BITS, _KEY_BITS, _LINK_BITS = 42, 4, 32
_RANDOM_BITS = 58
_MAC_BYTES, _SIGNED_BYTES = 8, 17
_MAX_TIME, _MAX_LINK, _MAX_KEY = (1 << _TIME_BITS) - 1, (1 << _LINK_BITS) - 1, (1 << _KEY_BITS) - 1

# Reading goes through int(text, 32), which wants 0-9a-v; every character that is not ours becomes "~",
# which it refuses (it would take "_", "+" and blanks).
_TO_INT32 = bytes(
    b"0123456789abcdefghijklmnopqrstuv"[ALPHABET.index(chr(byte).lower())]
    if byte < 128 and chr(byte).lower() in ALPHABET  # noqa: PLR2004 - ASCII
    else ord("~")
    for byte in range(256)
)
_FROM_BYTE = ALPHABET.encode().ljust(256, b"~")


def _mask(groups: int, width: int, stride: int) -> int:
    """Return the number with `groups` runs of `width` ones, `stride` bits apart."""
    return sum(((1 << width) - 1) << group * stride for group in range(groups))


_LOW100, _LOW50, _LOW25 = _mask(1, 100, 160), _mask(2, 50, 160), _mask(4, 25, 80)
_HIGH100, _HIGH50, _HIGH25 = _LOW100 << 100, _LOW50 << 50, _LOW25 << 25
_FIFTHS = tuple(_mask(8, 5, 40) << 5 * fifth for fifth in range(5))


@dataclass(frozen=True, slots=True)
class PrefixedId:
    """What a prefixed ID tells: its kind and its time in ms."""

    prefix: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class ClickKeys:
    """The keys of click IDs by number (0-15): `current` signs new ones, the others are still believed.

    A key is 16 to 64 bytes. ValueError for a number or key that cannot be used.
    """

    current: int
    keys: Mapping[int, bytes] = field(repr=False)
    macs: Mapping[int, _Hash] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the keys and prepare a keyed hash of each, to be copied for every ID."""
        if self.current not in self.keys:
            msg = f"there is no click key number {self.current}"
            raise ValueError(msg)
        for number, key in self.keys.items():
            if not 0 <= number <= _MAX_KEY:
                msg = f"click key number {number} is outside 0 to {_MAX_KEY}"
                raise ValueError(msg)
            if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
                msg = (
                    f"click key {number} has {len(key)} bytes; {MIN_KEY_BYTES} to {MAX_KEY_BYTES} are needed"
                )
                raise ValueError(msg)
        macs = {
            number: blake2b(key=key, digest_size=_MAC_BYTES, person=_PERSON)
            for number, key in self.keys.items()
        }
        object.__setattr__(self, "macs", macs)


@dataclass(frozen=True, slots=True)
class ClickIdParts:
    """What a click ID of ours tells without a look-up. `id` is its canonical (lower-case) form."""

    time_ms: int
    key_number: int
    link_number: int
    id: str


@dataclass(frozen=True, slots=True)
class NotOurs:
    """Not a click ID that we made: of another shape ("malformed"), or of ours with a wrong MAC ("forged").

    A key that we no longer hold makes an ID forged, too: nothing can be said for it.
    """

    reason: Literal["malformed", "forged"]


def new_id(prefix: str, now_ms: int, random8: bytes) -> str:
    """Return `prefix_` and 28 hex characters: 6 bytes of time in ms, 8 random bytes."""
    return f"{prefix}_{now_ms:012x}{random8.hex()}"


def read_id(raw: str) -> PrefixedId | None:
    """Return what a prefixed ID tells, or None when this is not one (an unknown prefix included)."""
    found = _ID.fullmatch(raw)
    if found is None or found[1] not in PREFIXES:
        return None
    return PrefixedId(found[1], int(found[2], 16))


def id_floor(prefix: str, time_ms: int) -> str:
    """Return the smallest ID with this prefix and time; for the prefix `CLICK` see `click_floor`."""
    if prefix == CLICK:
        return click_floor(time_ms)
    return f"{prefix}_{time_ms:012x}{0:016x}"


def click_floor(time_ms: int) -> str:
    """Return a text that sorts before every click ID of this or a later time, after every earlier one."""
    return _encode(_checked_time(time_ms) << (8 * (_SIGNED_BYTES + _MAC_BYTES) - _TIME_BITS))


def day_bounds(prefix: str, day: date) -> tuple[str, str]:
    """Return the floors of a UTC day and of the next: IDs of the day are >= the first and < the second."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1)
    return id_floor(prefix, _ms(start)), id_floor(prefix, _ms(end))


def link_code(number: int) -> str:
    """Return the 7 characters by which a link of this 32-bit number is known in its URL."""
    if not 0 <= number <= _MAX_LINK:
        msg = f"link number {number} does not fit 32 bits"
        raise ValueError(msg)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(30, -1, -5))


def read_link_code(code: str) -> int | None:
    """Return the number of a link code in any case, or None when no link can have this code."""
    if len(code) != LINK_CODE_LENGTH:
        return None
    number = _decode(code)
    return number if number is not None and number <= _MAX_LINK else None


def mint_click_id(keys: ClickKeys, now_ms: int, link_number: int, random8: bytes) -> str:
    """Return a new click ID of 40 characters for a link's number; `random8` are 8 fresh random bytes.

    Bits, highest first: time in ms 42, key number 4, link number 32, random 58, MAC 64 (keyed BLAKE2b over
    the 136 bits before it). ValueError when the time (until the year 2109) or the link number does not fit.
    """
    number = keys.current
    if not 0 <= link_number <= _MAX_LINK:
        msg = f"link number {link_number} does not fit 32 bits"
        raise ValueError(msg)
    signed = (
        ((_checked_time(now_ms) << _KEY_BITS | number) << _LINK_BITS | link_number) << _RANDOM_BITS
        | int.from_bytes(random8, "big") >> 6
    ).to_bytes(_SIGNED_BYTES, "big")
    mac = keys.macs[number].copy()
    mac.update(signed)
    return _encode(int.from_bytes(signed + mac.digest(), "big"))


def read_click_id(keys: ClickKeys, raw: str) -> ClickIdParts | NotOurs:
    """Return what a click ID tells once its MAC is right, in constant time; case does not matter."""
    if len(raw) != CLICK_ID_LENGTH:
        return NotOurs("malformed")
    value = _decode(raw)
    if value is None:
        return NotOurs("malformed")
    whole = value.to_bytes(_SIGNED_BYTES + _MAC_BYTES, "big")
    number = value >> 154 & _MAX_KEY
    keyed = keys.macs.get(number)
    if keyed is None:
        return NotOurs("forged")
    mac = keyed.copy()
    mac.update(whole[:_SIGNED_BYTES])
    if not compare_digest(mac.digest(), whole[_SIGNED_BYTES:]):
        return NotOurs("forged")
    return ClickIdParts(value >> 158, number, value >> 122 & _MAX_LINK, raw.lower())


def _encode(value: int) -> str:
    """Return the 40 characters of 200 bits.

    The groups of 5 bits are moved into a byte each by halves (all at once, in a few operations on one big
    number): a fifth of the time of picking them out one by one.
    """
    value = value & _LOW100 | (value & _HIGH100) << 60
    value = value & _LOW50 | (value & _HIGH50) << 30
    value = value & _LOW25 | (value & _HIGH25) << 15
    value = (
        value & _FIFTHS[0]
        | (value & _FIFTHS[1]) << 3
        | (value & _FIFTHS[2]) << 6
        | (value & _FIFTHS[3]) << 9
        | (value & _FIFTHS[4]) << 12
    )
    return value.to_bytes(CLICK_ID_LENGTH, "big").translate(_FROM_BYTE).decode()


def _decode(text: str) -> int | None:
    """Return the number that characters of the alphabet stand for, in any case."""
    try:
        return int(text.encode("ascii").translate(_TO_INT32), 32)
    except ValueError:
        return None


def _checked_time(time_ms: int) -> int:
    if not 0 <= time_ms <= _MAX_TIME:
        msg = f"time {time_ms} ms does not fit the 42 bits of a click ID"
        raise ValueError(msg)
    return time_ms


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
