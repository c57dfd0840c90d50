"""The addresses of the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.pages.editor import views

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("postbacks/new/", views.new, name="postback-new"),
    path("postbacks/live/", views.live, name="postback-live"),
    path("postbacks/<str:row_id>/edit/", views.edit, name="postback-edit"),
    path("postbacks/<str:row_id>/edit/live/", views.live, name="postback-edit-live"),
]
