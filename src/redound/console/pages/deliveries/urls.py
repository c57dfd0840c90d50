"""The addresses of the delivery log, in both portals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.pages.deliveries import views

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/rows/", views.rows, name="deliveries-rows"),
    path("deliveries/retry/", views.retry_all, name="deliveries-retry"),
    path("deliveries/<str:row_id>/", views.delivery, name="delivery"),
    path("deliveries/<str:row_id>/retry/", views.retry, name="delivery-retry"),
    path("deliveries/<str:row_id>/cancel/", views.cancel, name="delivery-cancel"),
]
