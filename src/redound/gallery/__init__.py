"""The gallery of trackers: one small file each in `trackers/`, read once."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from redound.core.gallery import Index, Tracker, read_tracker

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["find", "index", "trackers"]


@lru_cache(maxsize=1)
def trackers() -> Mapping[str, Tracker]:
    """Return every entry by its slug (the file's name), in alphabetical order of the names people know."""
    found = [
        read_tracker(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in files(__name__).joinpath("trackers").iterdir()
        if entry.name.endswith(".toml")
    ]
    return {tracker.slug: tracker for tracker in sorted(found, key=lambda each: each.name.lower())}


@lru_cache(maxsize=1)
def index() -> Index:
    """Return what recognises a tracker by its URL."""
    return Index(trackers().values())


def find(name: str) -> Tracker | None:
    """Return the entry of this slug or name, in any case; None when there is none."""
    wanted = "".join(letter for letter in name.lower() if letter.isalnum())
    for tracker in trackers().values():
        names = (tracker.slug, tracker.name, tracker.name.partition(" (")[0])
        if wanted in {"".join(letter for letter in each.lower() if letter.isalnum()) for each in names}:
            return tracker
    return None
