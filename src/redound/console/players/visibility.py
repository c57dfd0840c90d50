"""What of plans and players somebody may see. Whatever is not in these sets does not exist for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from redound.console.players.models import Activity, Player, RewardPlan

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller


def reward_plans(caller: Caller) -> QuerySet[RewardPlan]:
    """An affiliate's: their own deals and what everybody gets, but for private goals (private events)."""
    found = RewardPlan.objects.select_related("goal")
    if caller.manages:
        return found
    return found.filter(Q(affiliate=None) | Q(affiliate_id=caller.affiliate_id), goal__private=False)


def players(caller: Caller) -> QuerySet[Player]:
    """An affiliate's: those who came by their links."""
    return Player.objects.all() if caller.manages else Player.objects.filter(affiliate_id=caller.affiliate_id)


def activity(caller: Caller) -> QuerySet[Activity]:
    """Managers' alone: what a person did is personal."""
    return Activity.objects.all() if caller.manages else Activity.objects.none()
