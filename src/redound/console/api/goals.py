"""Goals of offers; affiliates read those that are not private, without revenue."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import promotions
from redound.console.catalog.forms import GoalEdit, GoalNew
from redound.console.catalog.models import Goal
from redound.console.catalog.shapes import GoalShape
from redound.console.paging import Page
from redound.console.records import goals as records
from redound.console.render import Values

router = Router(tags=["goals"])
goals: Resource[Goal, GoalNew] = Resource(Goal, records.goals, promotions.fill_goal)


@router.get("/goals", response=Page[GoalShape])
def list_goals(request: ApiRequest, filters: Query[records.GoalFilters]) -> Values:
    """List goals, newest first."""
    return goals.list(request, filters)


@router.post("/goals", response={201: GoalShape})
def create_goal(request: ApiRequest, form: GoalNew, response: HttpResponse) -> Status[Values]:
    """Create a goal."""
    return goals.create(request, form, response)


@router.get("/goals/{row_id}", response=GoalShape)
def get_goal(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a goal."""
    return goals.get(request, row_id, response)


@router.patch("/goals/{row_id}", response=GoalShape)
def edit_goal(request: ApiRequest, row_id: Path[str], form: GoalEdit, response: HttpResponse) -> Values:
    """Change a goal; what is left out stays."""
    return goals.edit(request, row_id, form, response)
