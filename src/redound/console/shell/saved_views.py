"""Keeping a list's filters and columns under a name, and dropping them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console.errors import ConflictError, NotFoundError
from redound.console.shell.models import SavedView
from redound.console.shell.page import PageRequest, exists, here, page

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.urls import URLPattern

MOST = 20
"""Views of one list that a person may keep."""
LONGEST = 2_000


@require_POST
@page
def save(request: PageRequest) -> HttpResponse:
    """Keep a list as it is shown; a name that is there already is given to this one."""
    name, query = request.POST.get("name", "").strip()[:60], request.POST.get("query", "?")
    listed = _page(request)
    if not name or not query.startswith("?") or len(query) > LONGEST:
        messages.error(request, _("Give the view a name."))
        return redirect(here(request, listed) + (query if query.startswith("?") else ""))
    views = SavedView.objects.filter(user=request.user, page=f"{request.portal}:{listed}")
    if views.exclude(name=name).count() >= MOST:
        raise ConflictError("too_many_views", _("There are 20 views of this list. Delete one first."))
    SavedView.objects.update_or_create(
        user=request.user, page=f"{request.portal}:{listed}", name=name, defaults={"query": query}
    )
    messages.success(request, _("The view was saved."))
    return redirect(here(request, listed) + query)


@require_POST
@page
def delete(request: PageRequest, view_id: str) -> HttpResponse:
    """Drop a view of one's own."""
    view = SavedView.objects.filter(pk=view_id, user=request.user).first()
    if view is None:
        raise NotFoundError
    listed = view.page.partition(":")[2]
    view.delete()
    messages.success(request, _("The view was deleted."))
    return redirect(here(request, listed))


def _page(request: PageRequest) -> str:
    """Return the name of the list's URL, if this portal has such a page."""
    portal, _colon, listed = request.POST.get("page", "").partition(":")
    if portal != request.portal or not exists(request.portal, listed):
        raise NotFoundError
    return listed


urls: list[URLPattern] = [
    path("views/", save, name="save-view"),
    path("views/<str:view_id>/delete/", delete, name="delete-view"),
]
