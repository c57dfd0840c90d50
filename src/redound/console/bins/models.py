"""Bins, written by the console, and the requests that they caught, written by the edge's SQL."""

from __future__ import annotations

import secrets

from django.db import models

from redound.console.identity import prefixed_id

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TOKEN_LENGTH = 24


def fresh_token() -> str:
    """Return a token that nobody guesses: 120 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


class Bin(models.Model):
    """A place that keeps what is sent to it. Without an affiliate it is a manager's; `expires_at` in ms."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("bin"), editable=False)
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.PROTECT, null=True, blank=True, related_name="bins"
    )
    name = models.CharField(max_length=200)
    token = models.CharField(max_length=40, unique=True, default=fresh_token, editable=False)
    status = models.IntegerField(default=200)
    delay_ms = models.IntegerField(default=0)
    body = models.TextField(default="OK")
    expires_at = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "bins"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class BinRequest(models.Model):
    """A request as it came. `headers` is JSON: a list of pairs. No foreign key: the edge writes it."""

    id = models.CharField(primary_key=True, max_length=40)
    bin_id = models.CharField(max_length=40)
    at = models.BigIntegerField()
    method = models.TextField()
    path = models.TextField()
    query = models.TextField()
    headers = models.TextField()
    body = models.TextField()
    truncated = models.BooleanField()
    ip = models.TextField()

    class Meta:
        db_table = "bin_requests"
        ordering = ("-id",)
        indexes = (models.Index(fields=("bin_id", "id"), name="bin_requests_of_bin"),)

    def __str__(self) -> str:
        return self.id
