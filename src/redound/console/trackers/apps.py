"""The app of people's own entries of the gallery."""

from __future__ import annotations

from django.apps import AppConfig


class TrackersConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.trackers"
    label = "trackers"
    default_auto_field = "django.db.models.BigAutoField"
