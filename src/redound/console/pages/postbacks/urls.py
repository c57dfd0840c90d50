"""The addresses of the pages about postbacks, the editor's first: `new` is no ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.pages.editor.urls import urls as editor
from redound.console.pages.postbacks import acting, backfill, detail, listed

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    *editor,
    path("postbacks/", listed.postbacks, name="postbacks"),
    path("postbacks/recover/", listed.recover, name="postbacks-recover"),
    path("postbacks/<str:row_id>/", detail.postback, name="postback"),
    path("postbacks/<str:row_id>/test/", acting.test, name="postback-test"),
    path("postbacks/<str:row_id>/enable/", acting.enable, name="postback-enable"),
    path("postbacks/<str:row_id>/pause/", acting.pause, name="postback-pause"),
    path("postbacks/<str:row_id>/delete/", acting.delete, name="postback-delete"),
    path("postbacks/<str:row_id>/approve-html/", acting.approve_html, name="postback-approve-html"),
    path("postbacks/<str:row_id>/backfill/", backfill.send, name="postback-backfill"),
]
