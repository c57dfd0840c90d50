"""Stylesheets, scripts and icons: served under names that hold a digest of their content, for a year.

They are collected into the data directory when a process that serves pages starts; a second start finds
them there. Where nothing was collected (a command, a test) they keep their plain names.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SELDOM_SEEN = ("admin/", "ninja/")
"""Folders of pages for few eyes: compressing them would take most of a start."""


class Assets(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Static files with digests in their names, compressed beforehand."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """Return the name under which a file is served."""
        with suppress(ValueError):  # nothing was collected
            return str(super().stored_name(name))
        return name

    def compress_files(self, names: Iterable[str]) -> Iterator[Any]:
        """Compress what people load with every page."""
        yield from super().compress_files(name for name in names if not name.startswith(SELDOM_SEEN))


def collect() -> None:
    """Put the files of this version where they are served from."""
    call_command("collectstatic", interactive=False, verbosity=0)
