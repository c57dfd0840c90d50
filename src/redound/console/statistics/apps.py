"""The app of statistics: its templates, styles and words; the rollups belong to the app traffic."""

from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """Has templates and words, no tables."""

    name = "redound.console.statistics"
    label = "statistics"
