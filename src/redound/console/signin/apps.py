"""The app's name in Django."""

from __future__ import annotations

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """The pages of accounts."""

    name = "redound.console.signin"
    label = "signin"
