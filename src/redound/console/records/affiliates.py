"""Affiliates; each reads themselves."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Affiliate
from redound.console.filters import CREATED, Filters, Text, one_of, search
from redound.console.records.record import Record, each

affiliates: Record[Affiliate] = Record(
    visibility.affiliates, each(shapes.affiliate), {**CREATED, "q": search("name")}
)


class AffiliateFilters(Filters):
    """Filters of affiliates."""

    name: Text | None = None
    status: one_of("active", "paused") | None = None  # type: ignore[valid-type]  # made at run time
    manager_id: Text | None = None
    postbacks_enabled: bool | None = None
    precedence: one_of("all", "most_specific") | None = None  # type: ignore[valid-type]  # as above
