"""The app of notifications."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
