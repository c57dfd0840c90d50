"""The country of an address, from an operator's file in the MaxMind DB format (GeoLite2, DB-IP)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import maxminddb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_REMEMBERED: Final = 65_536


class GeoipError(ValueError):
    """The file is not a MaxMind database, or is damaged."""


class Countries:
    """The countries of one file. `of` is fast enough for every click: look-ups are remembered."""

    def __init__(self, path: Path) -> None:
        """Map the file. OSError when it cannot be read, GeoipError when it is no MaxMind database."""
        try:
            self._reader = maxminddb.open_database(path, maxminddb.MODE_AUTO)
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            raise GeoipError(f"{path}: {error}") from None
        self.of: Callable[[str], str] = lru_cache(maxsize=_REMEMBERED)(self._find)

    def _find(self, address: str) -> str:
        """Return the ISO 3166 code of an address's country, '' when it is not known."""
        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return ""
        country = record.get("country") if isinstance(record, dict) else None
        code = country.get("iso_code") if isinstance(country, dict) else None
        return code if isinstance(code, str) else ""
