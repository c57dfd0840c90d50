"""The app of traffic: what came in, what is owed and what was sent."""

from __future__ import annotations

from django.apps import AppConfig


class TrafficConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.traffic"
    label = "traffic"
    default_auto_field = "django.db.models.BigAutoField"
