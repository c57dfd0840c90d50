"""The app of what traffic refers to: advertisers to links."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
