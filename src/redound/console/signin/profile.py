"""The profile: who somebody is here, and how they see the pages."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, override, pgettext_lazy
from django.utils.translation import gettext as _

from redound.console.accounts import audit
from redound.console.accounts.models import Theme, User
from redound.console.shell.page import caller_of, page
from redound.console.signin import paths, preferences, second_factors
from redound.console.signin.sudo import has_sudo, sudo_required

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest

THEMES = (
    (Theme.AUTO, gettext_lazy("As the device")),
    (Theme.LIGHT, gettext_lazy("Light")),
    (Theme.DARK, gettext_lazy("Dark")),
)


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all time zones, those without a continent last."""
    names = zoneinfo.available_timezones() - {"localtime", "Factory", "posixrules"}
    return tuple(sorted(names, key=lambda name: ("/" not in name, name)))


class Profile(forms.ModelForm):  # type: ignore[type-arg]  # of our user
    """A person's own fields."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("You sign in with it. To change it you are asked for your password."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As the browser")), *settings.LANGUAGES],
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Type a city or a continent. All times are shown in it; blank is UTC."),
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "placeholder": "UTC"}),
    )
    theme = forms.ChoiceField(label=gettext_lazy("Theme"), choices=THEMES, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ("name", "email", "language", "time_zone", "theme")

    def clean_email(self) -> str:
        """Return the address in lower case, if nobody else has it."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody else signs in with this address."))
        return email

    def clean_time_zone(self) -> str:
        """Return a zone that there is."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone and zone not in zones():
            raise forms.ValidationError(
                _("There is no such zone. Choose one of the list, such as Europe/Riga.")
            )
        return zone


@page
def profile(request: PageRequest) -> HttpResponse:
    """Show the person's profile, or change it. Nobody has one in somebody else's portal."""
    if request.viewing_as is not None:
        return redirect(paths.profile(request.user))
    user = User.objects.get(pk=request.user.pk)
    if request.method != "POST":
        return _shown(request, Profile(instance=user))
    before, address = audit.picture(user), user.email
    form = Profile(request.POST, instance=user)
    if not form.is_valid():
        return _shown(request, form)
    if form.cleaned_data["email"] != address and not has_sudo(request):
        return _asked(request)
    with transaction.atomic():
        form.save()
        audit.record(caller_of(user), "edit", user, before, audit.picture(user))
    with override(user.language or get_language()):
        messages.success(request, _("Your profile is saved."))
    return _saved(user)


@sudo_required
def _asked(request: PageRequest) -> HttpResponse:
    """Ask for the password; the form is taken up afterwards."""
    return redirect(paths.profile(request.user))


def _saved(user: User) -> HttpResponse:
    response = redirect(paths.profile(user))
    preferences.keep_theme(response, user.theme)
    if user.language:
        preferences.keep_language(response, user.language)
    return response


def _shown(request: PageRequest, form: Profile) -> HttpResponse:
    values: dict[str, Any] = {
        "form": form,
        "zones": zones(),
        "has_two_factor": second_factors.has_one(request.user),
        "two_factor_required": second_factors.required_of(request.user),
    }
    return render(request, "signin/profile.html", values, status=422 if form.errors else 200)
