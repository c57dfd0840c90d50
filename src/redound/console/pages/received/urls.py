"""The addresses of the received log, in the managers' portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.pages.received import views

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("received/", views.received, name="received"),
    path("received/rows/", views.rows, name="received-rows"),
    path("received/judge/", views.judge_all, name="received-judge"),
    path("received/<str:row_id>/", views.report, name="report"),
    path("received/<str:row_id>/judge/", views.judge, name="report-judge"),
    path("received/<str:row_id>/match/", views.match, name="report-match"),
]
