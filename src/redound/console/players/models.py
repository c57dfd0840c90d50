"""Reward plans, which the console writes; players, activity and progress, which it only reads.

The latter are traffic: `redound.store` owns every row of them. Times there are milliseconds since the epoch,
missing text is `''`, money is in minor units.
"""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id
from redound.console.traffic.models import maybe_text, reference


class RewardPlan(models.Model):
    """What a player has to do for an affiliate to earn a qualified CPA (see `core.rewards.RewardPlan`)."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("rpl"), editable=False)
    name = models.CharField(max_length=200)
    offer = models.ForeignKey("catalog.Offer", on_delete=models.PROTECT, related_name="reward_plans")
    goal = models.ForeignKey("catalog.Goal", on_delete=models.PROTECT, related_name="reward_plans")
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.PROTECT, null=True, blank=True, related_name="reward_plans"
    )
    enabled = models.BooleanField(default=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    first_deposit_minor = models.BigIntegerField(default=0)
    deposits_minor = models.BigIntegerField(default=0)
    deposit_count = models.PositiveIntegerField(default=0)
    wagers_minor = models.BigIntegerField(default=0)
    net_revenue_minor = models.BigIntegerField(default=0)
    within_days = models.PositiveIntegerField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "reward_plans"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Player(models.Model):
    """A customer of an advertiser, tied to the click of their registration."""

    id = models.TextField(primary_key=True)
    advertiser = reference("catalog.Advertiser")
    customer_id = models.TextField()
    conversion = reference("traffic.Conversion", db_default="")
    click = reference("traffic.Click", db_default="")
    link = reference("catalog.Link", db_default="")
    affiliate = reference("catalog.Affiliate", db_default="")
    campaign = reference("catalog.Campaign", db_default="")
    offer = reference("catalog.Offer", db_default="")
    brand = reference("catalog.Brand", db_default="")
    registered_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "players"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Activity(models.Model):
    """A fact about a customer that came by API or file; `kind` is that of `core.players.FactKind`."""

    id = models.TextField(primary_key=True)
    advertiser = reference("catalog.Advertiser")
    customer_id = models.TextField()
    kind = models.TextField()
    at = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    external_id = models.TextField()
    source = models.TextField()
    by = maybe_text()
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()

    class Meta:
        db_table = "activity"
        ordering = ("-id",)
        verbose_name_plural = "activity"

    def __str__(self) -> str:
        return self.id


class PlanProgress(models.Model):
    """How far a player is with a plan: one row for each of both, ever."""

    pk = models.CompositePrimaryKey("player_id", "plan_id")
    player = models.ForeignKey(
        Player, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="progress"
    )
    plan = models.ForeignKey(
        RewardPlan, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="progress"
    )
    state = models.TextField()
    first_deposit_minor = models.BigIntegerField()
    deposits_minor = models.BigIntegerField()
    deposit_count = models.IntegerField()
    wagers_minor = models.BigIntegerField()
    net_revenue_minor = models.BigIntegerField()
    other_currency = models.IntegerField()
    deadline_at = models.BigIntegerField(null=True)
    conversion = reference("traffic.Conversion", db_default="")
    made = models.BooleanField(db_default=False)
    qualified_at = models.BigIntegerField(null=True)
    updated_at = models.BigIntegerField()
    version = models.IntegerField()

    class Meta:
        db_table = "plan_progress"
        verbose_name_plural = "plan progress"

    def __str__(self) -> str:
        return f"{self.player_id} {self.plan_id}"


class Evaluation(models.Model):
    """The one row that says who evaluates, when that was last done for all, and when it is done next."""

    id = models.IntegerField(primary_key=True)
    holder = maybe_text()
    until = models.BigIntegerField(db_default=0)
    last_at = models.BigIntegerField(db_default=0)
    next_at = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "evaluation"

    def __str__(self) -> str:
        return self.holder
