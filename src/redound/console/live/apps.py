"""The app's name in Django."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Live streams."""

    name = "redound.console.live"
    label = "live"
