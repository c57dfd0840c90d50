"""The app's name in Django."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The pages' frame."""

    name = "redound.console.shell"
    label = "shell"
