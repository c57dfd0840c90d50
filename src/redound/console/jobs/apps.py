"""The app of jobs."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
