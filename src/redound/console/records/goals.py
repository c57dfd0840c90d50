"""Goals of offers; affiliates read those that are not private, without revenue."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Goal
from redound.console.filters import CREATED, Filters, Text, search
from redound.console.records.record import Record, each

goals: Record[Goal] = Record(visibility.goals, each(shapes.goal), {**CREATED, "q": search("code", "name")})


class GoalFilters(Filters):
    """Filters of goals."""

    offer_id: Text | None = None
    code: Text | None = None
    name: Text | None = None
    kind: Text | None = None
    base: bool | None = None
    private: bool | None = None
