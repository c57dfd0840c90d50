"""The addresses of notifications, in both portals."""

from __future__ import annotations

from django.urls import URLPattern, path

from redound.console.notices import settings_pages, views

urls: list[URLPattern] = [
    path("notifications/", views.listed, name="notifications"),
    path("notifications/rows/", views.rows, name="notifications-rows"),
    path("notifications/latest/", views.latest, name="notifications-latest-fragment"),
    path("notifications/read/", views.read_all, name="notifications-read"),
    path("notifications/settings/", settings_pages.shown, name="notification-settings"),
    path("notifications/settings/when/", settings_pages.when, name="notification-when"),
    path("notifications/settings/events/", settings_pages.events, name="notification-events"),
    path("notifications/channels/new/<slug:kind>/", settings_pages.new, name="notification-channel-new"),
    path("notifications/channels/<str:channel_id>/", settings_pages.change, name="notification-channel"),
    path(
        "notifications/channels/<str:channel_id>/test/",
        settings_pages.try_out,
        name="notification-channel-test",
    ),
    path(
        "notifications/channels/<str:channel_id>/tests/<str:sending_id>/",
        settings_pages.tried,
        name="notification-channel-tried-fragment",
    ),
    path(
        "notifications/channels/<str:channel_id>/delete/",
        settings_pages.delete,
        name="notification-channel-delete",
    ),
    path("notifications/<str:notice_id>/", views.opened, name="notification"),
]
