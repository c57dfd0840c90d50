"""The addresses of statistics, in both portals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.statistics import views

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("statistics/", views.traffic, name="statistics"),
    path("statistics/deliveries/", views.deliveries, name="statistics-deliveries"),
]
