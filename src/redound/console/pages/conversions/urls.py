"""The addresses of conversions, in both portals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.pages.conversions import by_hand, changes, detail, everything, lists

if TYPE_CHECKING:
    from django.urls import URLPattern

shared: list[URLPattern] = [
    path("conversions/", lists.conversions_list, name="conversions"),
    path("conversions/<str:row_id>/", detail.conversion, name="conversion"),
]
"""In both portals."""

manager: list[URLPattern] = [
    path("conversions/new/", by_hand.new, name="conversion-new"),
    path("conversions/count/", changes.count, name="conversions-count"),
    path("conversions/change/", changes.change_many, name="conversions-change"),
    path("conversions/undo/", changes.undo_last, name="conversions-undo"),
    path("conversions/everything/", everything.everything, name="conversions-everything"),
    path("conversions/<str:row_id>/status/", changes.change_one, name="conversion-status"),
    path("conversions/<str:row_id>/undo/", changes.undo_one, name="conversion-undo"),
]
"""In the managers' portal alone; they stand before the shared ones."""
