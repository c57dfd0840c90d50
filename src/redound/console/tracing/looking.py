"""Look-ups by index: IDs first, by the store's own queries; whose rows they are is decided after.

Narrowed the other way round (an affiliate's rows, then those of a click) SQLite would go through all of the
affiliate's: it knows no better which index is the narrow one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console import named

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from redound.console.tracing.scope import Scope
    from redound.console.traffic.models import Conversion


def ids(query: str, *values: object) -> list[str]:
    """Return the first column of what a named query selects."""
    return [str(next(iter(row.values()))) for row in named.select(query, *values)]


def conversions_of(click_ids: Collection[str], scope: Scope) -> QuerySet[Conversion]:
    """Return the conversions of these clicks that the person may see, oldest first."""
    found = ids("conversions_of_clicks", named.array(list(click_ids))) if click_ids else []
    return scope.conversions.filter(pk__in=found).order_by("pk") if found else scope.conversions.none()


def noted(days: tuple[int, int], keys: Collection[int], most: int) -> list[str]:
    """Return the latest clicks that the index has for any of these values, in the days from first to last."""
    every = named.numbers(range(days[0], days[1] + 1))
    return ids("clicks_with_values", every, named.numbers(keys), most)
