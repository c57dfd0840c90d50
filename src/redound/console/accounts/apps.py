"""The app of users, API keys and the audit log."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the label that migrations use."""

    name = "redound.console.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
