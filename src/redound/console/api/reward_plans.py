"""Reward plans of offers; affiliates read those that concern them."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.paging import Page
from redound.console.players import filling
from redound.console.players.forms import RewardPlanEdit, RewardPlanNew
from redound.console.players.models import RewardPlan
from redound.console.players.shapes import RewardPlanShape
from redound.console.records import reward_plans as records
from redound.console.render import Values

router = Router(tags=["reward-plans"])
plans: Resource[RewardPlan, RewardPlanNew] = Resource(RewardPlan, records.plans, filling.fill_reward_plan)


@router.get("/reward-plans", response=Page[RewardPlanShape])
def list_reward_plans(request: ApiRequest, filters: Query[records.RewardPlanFilters]) -> Values:
    """List reward plans, newest first."""
    return plans.list(request, filters)


@router.post("/reward-plans", response={201: RewardPlanShape})
def create_reward_plan(request: ApiRequest, form: RewardPlanNew, response: HttpResponse) -> Status[Values]:
    """Create a reward plan; every player whom it takes is evaluated at once."""
    return plans.create(request, form, response)


@router.get("/reward-plans/{row_id}", response=RewardPlanShape)
def get_reward_plan(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a reward plan."""
    return plans.get(request, row_id, response)


@router.patch("/reward-plans/{row_id}", response=RewardPlanShape)
def edit_reward_plan(
    request: ApiRequest, row_id: Path[str], form: RewardPlanEdit, response: HttpResponse
) -> Values:
    """Change a reward plan; what is left out stays, and what was earned stays earned."""
    return plans.edit(request, row_id, form, response)
