"""The addresses of the affiliates' portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.affiliate import builder, links, offers, overview
from redound.console.live.urls import urls as live
from redound.console.notices.urls import urls as notices
from redound.console.pages.urls import urls as shared
from redound.console.signin import portal
from redound.console.statistics.urls import urls as statistics

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "affiliate"
urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("offers/", offers.listed, name="offers"),
    path("links/", links.listed, name="links"),
    path("links/<str:link_id>/", builder.builder, name="link"),
    path("links/<str:link_id>/change/", links.change, name="link-change"),
    *shared,
    *statistics,
    *portal.shared,
    *portal.affiliate,
    *live,
    *notices,
]
