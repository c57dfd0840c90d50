"""Jobs."""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id


class Job(models.Model):
    """What somebody asked to be done to many rows at once.

    `wanted` is what the job's kind reads: filters and what to do. `state`: counting → counted → running →
    done; or cancelled, failed. `total` rows were counted, of which `done` were worked on, the last of them
    `cursor`; `counted` and `counts` say what that would come to, and what it came to. `holder` is the run
    that works on it, as long as `seen_at` is not old. `by`, `user_id` and `affiliate_id` are on whose behalf.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("job"), editable=False)
    kind = models.CharField(max_length=40)
    wanted = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default="counting")
    stop_wanted = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=60, default="", blank=True)
    counted = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    error = models.TextField(default="", blank=True)
    holder = models.CharField(max_length=40, default="", blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=250)
    user_id = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 - as callers have it
    affiliate_id = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 - as above
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "jobs"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id
