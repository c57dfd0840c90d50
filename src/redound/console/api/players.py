"""Players and their progress in reward plans; affiliates see theirs without personal data."""

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.filters import Filters, Text, one_of
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.api.traffic import Record, by_id_time, exactly
from redound.console.errors import ForbiddenError
from redound.console.players import shapes, visibility
from redound.console.players.facts import facts_of
from redound.console.players.models import PlanProgress, Player
from redound.console.players.shapes import FactShape, PlayerShape
from redound.core.players import ProgressState

router = Router(tags=["players"])


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


@router.get("/players", response=Page[PlayerShape])
def list_players(request: ApiRequest, filters: Query[PlayerFilters]) -> Values:
    """List players with their progress, newest first."""
    if not request.caller.manages and (filters.customer_id or filters.advertiser_id):
        raise ForbiddenError("managers_only", "Only managers may look for customers by their ID.")
    return players.list(request, filters)


@router.get("/players/{row_id}", response=PlayerShape)
def get_player(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a player with their progress."""
    return players.get(request, row_id, response)


@router.get("/players/{row_id}/facts", response=Page[FactShape])
def list_facts(request: ApiRequest, row_id: Path[str]) -> Values:
    """List every fact about a player, oldest first, with what each plan makes of it. For managers."""
    player = players.find(request, row_id)
    if not request.caller.manages:
        raise ForbiddenError("managers_only", "Only managers may read what a player did.")
    return {"data": facts_of(player), "next_cursor": None, "has_more": False}
