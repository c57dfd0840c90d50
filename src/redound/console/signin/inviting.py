"""The form of an invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from redound.console.accounts.models import Role
from redound.console.catalog.models import Affiliate

ROLES = ((Role.AFFILIATE, gettext_lazy("Affiliate")), (Role.MANAGER, gettext_lazy("Manager")))
"""Operators are made on the command line."""


class Inviting(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), widget=forms.EmailInput({"autocomplete": "off"}), max_length=254
    )
    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("They can change it."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=ROLES, initial=Role.AFFILIATE, widget=forms.RadioSelect
    )
    affiliate = forms.ModelChoiceField(
        label=gettext_lazy("Affiliate"),
        required=False,
        queryset=Affiliate.objects.order_by("name"),
        empty_label=gettext_lazy("Choose"),
        help_text=gettext_lazy("Whose portal they see. A manager sees all."),
    )

    def clean(self) -> dict[str, Any]:
        """Hold the affiliate against the role."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("role") == Role.AFFILIATE and values.get("affiliate") is None and not self.errors:
            self.add_error("affiliate", _("Say whose portal they are to see."))
        if values.get("role") == Role.MANAGER:
            values["affiliate"] = None
        return values
