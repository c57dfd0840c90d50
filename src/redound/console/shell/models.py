"""What people keep of the pages for themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from redound.console.identity import prefixed_id


class SavedView(models.Model):
    """A list with filters and columns, under a name of somebody's own; `query` is that of its address."""

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("viw"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "saved_views"
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("user", "page", "name"), name="saved_views_name"),)

    def __str__(self) -> str:
        return self.name
