"""The addresses of streams, in both portals: `{% here "live" "deliveries" %}`."""

from __future__ import annotations

from django.urls import URLPattern, path

from redound.console.live.views import scope

urls: list[URLPattern] = [path("live/<slug:noun>", scope, name="live")]
