"""The addresses of the managers' portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.live.urls import urls as live
from redound.console.manager import overview
from redound.console.manager.installation import urls as installation
from redound.console.manager.partners import urls as partners
from redound.console.notices.urls import urls as notices
from redound.console.pages.conversions.urls import manager as conversions
from redound.console.pages.received.urls import urls as received
from redound.console.pages.urls import urls as shared
from redound.console.signin import portal
from redound.console.statistics.urls import urls as statistics

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "manager"
urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    *conversions,
    *partners,
    *installation,
    *received,
    *shared,
    *statistics,
    *portal.shared,
    *portal.manager,
    *live,
    *notices,
]
