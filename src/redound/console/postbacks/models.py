"""Postbacks: an affiliate's stored rules and templates. Their health is written by the data plane."""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id


def any_goal() -> str:
    """Return the goal condition of a postback that was given none."""
    return "any"


def approved_only() -> list[str]:
    """Return the statuses of a postback that was given none."""
    return ["approved"]


class Postback(models.Model):
    """One rule and template; its fields are named as in the API.

    `goals` is "any", "base", "events" or a list of goal IDs. `params` and `headers` are lists of
    `{"name", "value", "secret"}`, a secret value being sealed; `auth.password`, `auth.token` and
    `signing_secret` are sealed. `retry_schedule` holds duration strings ("10s"), null for the
    installation's. `html_approved`: a manager approved the `body` of an `html` one as it stands.
    `archived_at` marks a deleted postback: its history stays.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("pbk"), editable=False)
    name = models.CharField(max_length=200)
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.PROTECT, null=True, blank=True, related_name="postbacks"
    )
    enabled = models.BooleanField(default=True)
    event = models.CharField(max_length=10, default="conversion")
    goals = models.JSONField(default=any_goal)
    statuses = models.JSONField(default=approved_only, blank=True)
    status_mode = models.CharField(max_length=4, default="each")
    level = models.CharField(max_length=10, default="affiliate")
    include = models.JSONField(default=list, blank=True)
    exclude_offers = models.JSONField(default=list, blank=True)
    payout_above_zero = models.BooleanField(default=False)
    max_age_seconds = models.PositiveIntegerField(null=True, blank=True)
    delay_seconds = models.PositiveIntegerField(default=0)
    delivery = models.CharField(max_length=4, default="s2s")
    html_approved = models.BooleanField(db_default=False, editable=False)
    method = models.CharField(max_length=10, default="GET")
    url = models.TextField()
    params = models.JSONField(default=list, blank=True)
    headers = models.JSONField(default=list, blank=True)
    body = models.TextField(blank=True, default="")
    auth = models.JSONField(default=dict, blank=True)
    success = models.JSONField(default=dict, blank=True)
    max_attempts = models.PositiveIntegerField(null=True, blank=True)
    retry_schedule = models.JSONField(null=True, blank=True)
    strict_disable = models.BooleanField(default=False)
    sign = models.BooleanField(default=False)
    signing_secret = models.TextField(blank=True, default="")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "postbacks"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
