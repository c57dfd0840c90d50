"""Passwords and sessions: what ends when a password changes, and a list of what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.views import PasswordChangeView, PasswordResetFromKeyView, PasswordResetView
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console import runtime
from redound.console.accounts import audit
from redound.console.shell.page import caller_of
from redound.console.signin import throttling, visits
from redound.console.signin.devices import in_words
from redound.console.signin.factor_pages import note

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class ChangePassword(PasswordChangeView):  # type: ignore[misc]  # allauth is not typed
    """Changes the person's password; their other sessions end."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it."""
        response: HttpResponse = super().form_valid(form)
        visits.end_all(self.request.user, but=self.request.session.session_key)
        note(self.request, "password")
        return response


class AskForLink(PasswordResetView):  # type: ignore[misc]  # allauth is not typed
    """Sends a link to set a new password, or says who can make one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether mails are sent at all."""
        return {**super().get_context_data(**kwargs), "mails": runtime.settings().smtp is not None}


class ResetPassword(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth is not typed
    """Sets a new password with a link; all sessions end, and failed log-ins are forgotten."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it."""
        response: HttpResponse = super().form_valid(form)
        user = self.reset_user
        visits.end_all(user)
        throttling.forgive(self.request, user.email or "")
        audit.record(caller_of(user), "password", user, {}, {})
        return response


class Sessions(ListUserSessionsView):  # type: ignore[misc]  # allauth is not typed
    """Lists where the person is signed in; a POST ends all but this one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what each browser is called."""
        values: dict[str, Any] = super().get_context_data(**kwargs)
        for session in values["sessions"]:
            session.words = in_words(session.user_agent)
        return values


@login_required
@require_POST
def end(request: HttpRequest, row_id: int) -> HttpResponse:
    """End one of the person's own sessions."""
    user: Any = request.user
    if visits.end_one(user, row_id):
        messages.success(request, _("That session has ended."))
    return redirect("usersessions_list")


change_password = ChangePassword.as_view()
ask_for_link = AskForLink.as_view()
reset_password = ResetPassword.as_view()
sessions = Sessions.as_view()
