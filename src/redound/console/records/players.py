"""Players and their progress in reward plans; affiliates see theirs without personal data."""

from django.db.models import QuerySet

from redound.console.filters import Filters, Text, one_of
from redound.console.players import shapes, visibility
from redound.console.players.models import PlanProgress, Player
from redound.console.records.record import Record, by_id_time, exactly
from redound.core.players import ProgressState


def _by_state(rows: QuerySet[Player], value: str) -> QuerySet[Player]:
    """Narrow to players who are in this state with some plan."""
    found = PlanProgress.objects.filter(state__in=value.split(","))
    return rows.filter(pk__in=found.values("player_id"))


def _by_plan(rows: QuerySet[Player], value: str) -> QuerySet[Player]:
    return rows.filter(pk__in=PlanProgress.objects.filter(plan_id=value).values("player_id"))


players: Record[Player] = Record(
    visibility.players,
    shapes.players,
    {**by_id_time("ply"), "q": exactly("click_id"), "state": _by_state, "plan_id": _by_plan},
)


class PlayerFilters(Filters):
    """Filters of players. Only managers may ask for a `customer_id` or an `advertiser_id`."""

    customer_id: Text | None = None
    advertiser_id: Text | None = None
    affiliate_id: Text | None = None
    campaign_id: Text | None = None
    link_id: Text | None = None
    offer_id: Text | None = None
    brand_id: Text | None = None
    click_id: Text | None = None
    plan_id: Text | None = None
    state: one_of(*ProgressState) | None = None  # type: ignore[valid-type]  # made at run time
