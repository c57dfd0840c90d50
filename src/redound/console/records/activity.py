"""Activity of players: deposits, wagers and net revenue, taken in one by one or in batches. For managers."""

from redound.console.filters import Filters, Text, one_of
from redound.console.players import shapes, visibility
from redound.console.players.models import Activity
from redound.console.records.record import Record, by_id_time, exactly
from redound.core.players import FactKind

activity: Record[Activity] = Record(
    visibility.activity, shapes.activity, {**by_id_time("act"), "q": exactly("external_id", "customer_id")}
)


class ActivityFilters(Filters):
    """Filters of activity."""

    advertiser_id: Text | None = None
    customer_id: Text | None = None
    kind: one_of(*FactKind) | None = None  # type: ignore[valid-type]  # made at run time
    currency: Text | None = None
    external_id: Text | None = None
    source: Text | None = None
