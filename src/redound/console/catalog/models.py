"""Advertisers, brands, offers and goals; affiliates, campaigns and links: what traffic refers to."""

from __future__ import annotations

from django.db import models
from django.db.models import Value

from redound.console.identity import link_number, prefixed_id
from redound.core.ids import link_code


class Advertiser(models.Model):
    """Who reports conversions.

    `tokens`, `path_keys` and `signing_secrets` each hold at most two `{"digest": sha256 hex, "sealed": str}`;
    `status_words` maps the advertiser's own words to statuses, `parameter_names` its names to ours ("": not
    read). `preset` names a platform of `core.profiles`. The defaults stand in the database: an added column
    with one of Django's would rebuild the table on SQLite and lose its triggers.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("adv"), editable=False)
    name = models.CharField(max_length=200)
    tokens = models.JSONField(default=list, blank=True)
    allowed_ips = models.JSONField(default=list, blank=True)
    status_words = models.JSONField(default=dict, blank=True)
    path_keys = models.JSONField(db_default=Value([], models.JSONField()), blank=True)
    signing_secrets = models.JSONField(db_default=Value([], models.JSONField()), blank=True)
    preset = models.CharField(max_length=20, db_default="")
    parameter_names = models.JSONField(db_default=Value({}, models.JSONField()), blank=True)
    default_status = models.CharField(max_length=10, db_default="")
    repeats = models.CharField(max_length=20, db_default="update")
    answer = models.TextField(db_default="")
    success_code = models.PositiveSmallIntegerField(null=True, blank=True)
    failure_code = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "advertisers"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """A brand of an advertiser."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("brd"), editable=False)
    name = models.CharField(max_length=200)
    advertiser = models.ForeignKey(Advertiser, on_delete=models.PROTECT, related_name="brands")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "brands"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """What is promoted. `paused_at` is set while it is paused; money is in minor units of `currency`."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("ofr"), editable=False)
    name = models.CharField(max_length=200)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="offers")
    landing_url = models.TextField()
    currency = models.CharField(max_length=3)
    payout_model = models.CharField(max_length=3, choices=[("cpa", "CPA"), ("cpc", "CPC")], default="cpa")
    goals_enabled = models.BooleanField(default=True)
    status = models.CharField(
        max_length=10, choices=[("active", "active"), ("paused", "paused")], default="active"
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    conversion_window_days = models.PositiveIntegerField(null=True, blank=True)
    deep_link_hosts = models.JSONField(default=list, blank=True)
    cpc_payout_minor = models.BigIntegerField(null=True, blank=True)
    cap_conversions = models.PositiveIntegerField(null=True, blank=True)
    cap_period = models.CharField(max_length=10, db_default="day")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "offers"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Goal(models.Model):
    """What can be reached at an offer. `repeats`: 1 once, 0 unlimited, else the most per click."""

    KINDS = ("registration", "first_deposit", "qualified_cpa", "sale", "lead", "deposit", "custom")

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("gol"), editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="goals")
    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS], default="custom")
    base = models.BooleanField(default=False)
    payout_minor = models.BigIntegerField(null=True, blank=True)
    payout_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    revenue_minor = models.BigIntegerField(null=True, blank=True)
    revenue_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    default_status = models.CharField(max_length=10, default="approved")
    repeats = models.PositiveIntegerField(default=1)
    hold_seconds = models.PositiveIntegerField(null=True, blank=True)
    hold_then = models.CharField(max_length=10, blank=True, default="")
    private = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "goals"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["offer", "code"], name="goal_code_once_an_offer"),
            models.UniqueConstraint(
                fields=["offer"], condition=models.Q(base=True), name="goal_one_base_an_offer"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Affiliate(models.Model):
    """Who sends traffic and owns postbacks. `paused_at` is set while `status` is paused."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("aff"), editable=False)
    name = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=[("active", "active"), ("paused", "paused")], default="active"
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    manager = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="managed_affiliates"
    )
    postbacks_enabled = models.BooleanField(default=True)
    precedence = models.CharField(
        max_length=20, choices=[("all", "all"), ("most_specific", "most_specific")], default="all"
    )
    cap_conversions = models.PositiveIntegerField(null=True, blank=True)
    cap_period = models.CharField(max_length=10, db_default="day")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "affiliates"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """A media campaign of an affiliate (ReferOn)."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("cmp"), editable=False)
    name = models.CharField(max_length=200)
    affiliate = models.ForeignKey(Affiliate, on_delete=models.PROTECT, related_name="campaigns")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "campaigns"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Link(models.Model):
    """A tracking link (media item): one campaign, one offer. `number` names it inside click IDs."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("lnk"), editable=False)
    number = models.BigIntegerField(unique=True, default=link_number, editable=False)
    code = models.CharField(max_length=7, unique=True, editable=False)
    name = models.CharField(max_length=200, blank=True, default="")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="links")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="links")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "links"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name or self.code

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the code in step with the number that it spells."""
        self.code = link_code(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
