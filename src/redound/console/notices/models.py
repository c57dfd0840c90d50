"""People's channels and wishes, written here, and what was sent, written by SQL where it is sent."""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id
from redound.core.notices.digests import DEFAULT_HOUR


class ChannelKind(models.TextChoices):
    """By which way. A mail goes to the person's own address and nowhere else."""

    EMAIL = "email", "E-mail"
    TELEGRAM = "telegram", "Telegram"
    SLACK = "slack", "Slack"
    WEBHOOK = "webhook", "Webhook"


class Channel(models.Model):
    """A way to a person.

    `secret` is sealed JSON of what must not be shown, `shown` what may. `kinds` are kinds of notifications,
    each between blanks. `since` (ms): what happened before is not brought.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("nch"), editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="notice_channels")
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    name = models.CharField(max_length=200)
    shown = models.CharField(max_length=300, blank=True, default="")
    secret = models.TextField(blank=True, default="")
    kinds = models.TextField(blank=True, default="")
    enabled = models.BooleanField(default=True)
    since = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "notice_channels"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(kind="email"), name="notice_channel_email_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def brought(self) -> frozenset[str]:
        """The kinds of notifications that it brings."""
        return frozenset(self.kinds.split())


class Wishes(models.Model):
    """When a person wants to be told; without a row at once. `hour` is that of the daily digest, theirs."""

    user = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="notice_wishes"
    )
    digest = models.CharField(max_length=12, default="immediately")
    hour = models.SmallIntegerField(default=DEFAULT_HOUR)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "notice_wishes"

    def __str__(self) -> str:
        return self.digest


class Sending(models.Model):
    """One notification on its way through one channel. No foreign keys: SQL writes it; times in ms."""

    id = models.CharField(primary_key=True, max_length=40)
    notification_id = models.CharField(max_length=64)
    channel_id = models.CharField(max_length=40)
    state = models.CharField(max_length=8, default="waiting", db_default="waiting")
    due_at = models.BigIntegerField()
    lease = models.CharField(max_length=200, default="", db_default="")
    attempts = models.IntegerField(default=0, db_default=0)
    error = models.TextField(default="", db_default="")
    created_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "notice_sendings"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("notification_id", "channel_id"), name="notice_sending_once"),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=models.Q(state="waiting"), name="notice_sendings_due"),
            models.Index(fields=("channel_id", "id"), name="notice_sendings_of_channel"),
            models.Index(fields=("lease",), condition=~models.Q(lease=""), name="notice_sendings_leased"),
        )

    def __str__(self) -> str:
        return self.id
