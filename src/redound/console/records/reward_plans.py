"""Reward plans of offers; affiliates read those that concern them."""

from redound.console.filters import CREATED, Filters, Text, search
from redound.console.players import shapes, visibility
from redound.console.players.models import RewardPlan
from redound.console.records.record import Record, each

plans: Record[RewardPlan] = Record(
    visibility.reward_plans, each(shapes.reward_plan), {**CREATED, "q": search("name")}
)


class RewardPlanFilters(Filters):
    """Filters of reward plans."""

    offer_id: Text | None = None
    goal_id: Text | None = None
    affiliate_id: Text | None = None
    name: Text | None = None
    enabled: bool | None = None
