"""The addresses that this package has inside of the portals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.signin import people, profile, viewing

if TYPE_CHECKING:
    from django.urls import URLPattern

shared: list[URLPattern] = [path("profile/", profile.profile, name="profile")]
"""In both portals."""

affiliate: list[URLPattern] = [path("view-as/end/", viewing.end, name="view-as-end")]
"""In the affiliates' portal alone."""

manager: list[URLPattern] = [
    path("affiliates/<str:affiliate_id>/view-as/", viewing.start, name="view-as"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="people-invite"),
    path("people/invitations/<str:invitation_id>/send/", people.send_again, name="invitation-send"),
    path("people/invitations/<str:invitation_id>/revoke/", people.revoke, name="invitation-revoke"),
    path("people/<str:user_id>/", people.person, name="person"),
    path("people/<str:user_id>/activate/", people.activate, name="person-activate"),
    path("people/<str:user_id>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<str:user_id>/two-factor/", people.two_factor, name="person-two-factor"),
    path("people/<str:user_id>/sessions/end/", people.end_sessions, name="person-sessions-end"),
    path("people/<str:user_id>/reset/", people.reset, name="person-reset"),
]
"""In the managers' portal alone."""
