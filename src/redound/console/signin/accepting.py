"""The pages that an invited person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import ratelimit
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from redound.console.accounts.models import Invitation, User
from redound.console.errors import ConsoleError, InvalidError
from redound.console.shell.page import error_page
from redound.console.signin import invitations

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TOKEN = "invitation"  # noqa: S105 - the session's key under which it is kept


class Accepting(forms.Form):
    """Name and password of a new person."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, data: Any, *, invitation: Invitation) -> None:
        super().__init__(data, initial={"name": invitation.name})
        self._invitation = invitation

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules, with name and address at hand."""
        values: dict[str, Any] = super().clean() or {}
        person = User(email=self._invitation.email, name=values.get("name", ""))
        try:
            validate_password(values.get("password", ""), person)
        except ValidationError as error:
            self.add_error("password", error)
        return values


@never_cache
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address, so that it is in no history and no Referer."""
    try:
        invitations.by_token(token)
    except ConsoleError as error:  # nothing is kept for strangers who try
        return error_page(request, error.status, error.detail)
    request.session[TOKEN] = token
    return redirect("invitation-accept")


@never_cache
@sensitive_post_parameters("password")
def accept(request: HttpRequest) -> HttpResponse:
    """Show the form, or make the account and sign in."""
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="invitation")
    if refused is not None:
        return refused
    try:
        invitation = invitations.by_token(request.session.get(TOKEN, ""))
    except ConsoleError as error:
        return error_page(request, error.status, error.detail)
    form = Accepting(request.POST if request.method == "POST" else None, invitation=invitation)
    if request.user.is_authenticated or not form.is_valid():
        return render(request, "signin/accept.html", {"form": form, "invitation": invitation})
    return _made(request, invitation, form)


def _made(request: HttpRequest, invitation: Invitation, form: Accepting) -> HttpResponse:
    try:
        user = invitations.accept(invitation, form.cleaned_data["name"], form.cleaned_data["password"])
    except InvalidError as error:
        form.add_error(None, error.detail)
        return render(request, "signin/accept.html", {"form": form, "invitation": invitation})
    except ConsoleError as error:
        return error_page(request, error.status, error.detail)
    del request.session[TOKEN]
    response: HttpResponse = perform_password_login(
        request, {"email": user.email}, Login(user=user, email=user.email)
    )
    return response
