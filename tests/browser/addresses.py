"""The addresses of all pages of a portal, taken from its URLconf, with IDs of things that there are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_PAGE = ("live", "csv", "rows", "fragment")
"""Parts of names of addresses that answer no page of their own: streams, files, pieces of pages."""


def setup() -> None:
    """Set Django up, for its URLconf alone."""
    from redound import settings
    from redound.console import runtime

    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        runtime.start(settings.load({"REDOUND_SECRET_KEY": "k" * 50}))


def patterns(portal: str) -> Iterator[Any]:
    """Yield the URL patterns of a portal."""
    setup()
    from django.urls import get_resolver

    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "namespace", None) == portal:
            yield from resolver.url_patterns


def pages(portal: str, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield the address of each page whose IDs are among `ids` {name of the URL: ID}."""
    from django.urls import reverse

    for pattern in patterns(portal):
        if any(part in pattern.name for part in NO_PAGE):
            continue
        wanted = list(pattern.pattern.converters)
        if not wanted:
            yield reverse(f"{portal}:{pattern.name}")
        elif len(wanted) == 1 and pattern.name in ids:
            yield reverse(f"{portal}:{pattern.name}", args=[ids[pattern.name]])
