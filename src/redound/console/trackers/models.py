"""People's own entries of the gallery."""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id


class TrackerEntry(models.Model):
    """One tracker, of one affiliate or (a manager's) for all. `content` is what `read_tracker` reads."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("trk"), editable=False)
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.PROTECT, null=True, blank=True, related_name="trackers"
    )
    name = models.CharField(max_length=200)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tracker_entries"
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name
