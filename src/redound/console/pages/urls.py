"""The addresses of the pages that both portals have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.pages import api_keys, bins, checklist, incidents, jobs, lint, macros, tester, trace
from redound.console.pages.conversions.urls import shared as conversions
from redound.console.pages.deliveries.urls import urls as deliveries
from redound.console.pages.postbacks.urls import urls as postbacks
from redound.console.shell import saved_views

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    *jobs.urls,
    *conversions,
    *api_keys.urls,
    *postbacks,
    *deliveries,
    *saved_views.urls,
    *trace.urls,
    *tester.urls,
    *bins.urls,
    *checklist.urls,
    *macros.urls,
    *lint.urls,
    *incidents.urls,
]
