"""The addresses of what concerns the installation: gallery, imports, players, audit log, system, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.manager import audit, gallery, imports, players, settings_page, system, uploading

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("gallery/", gallery.gallery_list, name="gallery"),
    path("gallery/new/", gallery.new, name="gallery-new"),
    path("gallery/<str:row_id>/", gallery.entry, name="gallery-entry"),
    path("gallery/<str:row_id>/edit/", gallery.edit, name="gallery-edit"),
    path("gallery/<str:row_id>/delete/", gallery.delete, name="gallery-delete"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", uploading.new, name="import-new"),
    path("imports/<str:import_id>/columns/", uploading.columns, name="import-columns"),
    path("imports/<str:row_id>/", imports.one, name="import"),
    path("imports/<str:row_id>/run/", imports.run, name="import-run"),
    path("imports/<str:row_id>/refused.csv", imports.refused, name="import-refused"),
    path("players/", players.players, name="players"),
    path("players/<str:row_id>/", players.player, name="player"),
    path("audit/", audit.audit, name="audit"),
    path("system/", system.system, name="system"),
    path("settings/", settings_page.settings_page, name="settings"),
]
