"""Players and their progress in reward plans; affiliates see theirs without personal data."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.errors import ForbiddenError
from redound.console.paging import Page
from redound.console.players.facts import facts_of
from redound.console.players.shapes import FactShape, PlayerShape
from redound.console.records.players import PlayerFilters, players
from redound.console.render import Values

router = Router(tags=["players"])


@router.get("/players", response=Page[PlayerShape])
def list_players(request: ApiRequest, filters: Query[PlayerFilters]) -> Values:
    """List players with their progress, newest first."""
    if not request.caller.manages and (filters.customer_id or filters.advertiser_id):
        raise ForbiddenError("managers_only", "Only managers may look for customers by their ID.")
    return listed(players, request, filters)


@router.get("/players/{row_id}", response=PlayerShape)
def get_player(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a player with their progress."""
    return got(players, request, row_id, response)


@router.get("/players/{row_id}/facts", response=Page[FactShape])
def list_facts(request: ApiRequest, row_id: Path[str]) -> Values:
    """List every fact about a player, oldest first, with what each plan makes of it. For managers."""
    player = players.find(request.caller, row_id)
    if not request.caller.manages:
        raise ForbiddenError("managers_only", "Only managers may read what a player did.")
    return {"data": facts_of(player), "next_cursor": None, "has_more": False}
