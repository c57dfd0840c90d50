"""The app of affiliates' stored rules and templates."""

from __future__ import annotations

from django.apps import AppConfig


class PostbacksConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.postbacks"
    label = "postbacks"
    default_auto_field = "django.db.models.BigAutoField"
