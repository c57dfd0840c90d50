"""Where the console's parts are mounted."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from redound.console.api.app import api
from redound.console.backoffice.site import backoffice

handler400 = "redound.console.shell.errors.bad_request"
handler403 = "redound.console.shell.errors.forbidden"
handler404 = "redound.console.shell.errors.not_found"
handler500 = "redound.console.shell.errors.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("redound.console.affiliate.urls")),
    path("manage/", include("redound.console.manager.urls")),
    path("", include("redound.console.signin.urls")),
    path("api/v1/", api.urls),
    path("backoffice/", backoffice.urls),
]
