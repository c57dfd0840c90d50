"""The app of imported files."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"
