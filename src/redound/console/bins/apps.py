"""The app of catch-all bins."""

from __future__ import annotations

from django.apps import AppConfig


class BinsConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.bins"
    label = "bins"
    default_auto_field = "django.db.models.BigAutoField"
