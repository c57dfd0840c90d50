"""Where the console's parts are mounted."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from redound.console.api.app import api
from redound.console.backoffice.site import backoffice

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("backoffice/", backoffice.urls),
]
