"""The app of players and reward plans."""

from __future__ import annotations

from django.apps import AppConfig


class PlayersConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.players"
    label = "players"
    default_auto_field = "django.db.models.BigAutoField"
