"""A list as a CSV file: streamed, bounded, and harmless to open in a spreadsheet."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from redound.console.shell.listing.finding import every
from redound.console.shell.listing.values import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redound.console.shell.listing.answering import Listing
    from redound.console.shell.listing.asking import Asked
    from redound.console.shell.page import PageRequest

MOST = 10_000
"""Rows of a file. Who needs more asks the API, page by page."""
_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What the csv module writes into: hands the line back."""

    def write(self, text: str) -> str:
        return text


def as_csv(listing: Listing[Any], request: PageRequest, asked: Asked) -> StreamingHttpResponse:
    """Return all rows that are asked for as a file, newest first, with the API's field names on top."""
    names = listing.csv or tuple(
        each.key or each.name for each in listing.columns if each.name in asked.columns
    )
    response = StreamingHttpResponse(
        _lines(listing, request, asked, names), content_type="text/csv; charset=utf-8"
    )
    name = f"{listing.page}-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(
    listing: Listing[Any], request: PageRequest, asked: Asked, names: tuple[str, ...]
) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(names)
    for rows in every(listing.source, listing.look, request.caller, asked, MOST):
        values = listing.source.shapes(rows, request.caller)
        if listing.more is not None:
            listing.more(values, request)
        for each in values:
            yield writer.writerow([neutral(value_at(each, name)) for name in names])


def neutral(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: a text that looks like one gets a leading '."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case dict() | list() | tuple():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    return "'" + text if text.startswith(_STARTS) else text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a CSV file with these rows, neutralised, for pages that are no lists."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([neutral(value) for value in row])
