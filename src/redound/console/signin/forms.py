"""Forms of allauth where ours differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.forms import ResetPasswordForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.cache import cache

from redound.console.accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class AskForReset(ResetPasswordForm):  # type: ignore[misc]  # allauth is not typed
    """Who is sent a link to set a new password: the active person with this address, if there is one."""

    def clean_email(self) -> str:
        """Return the address; whether somebody has it shows nowhere."""
        email = str(self.cleaned_data["email"]).lower()
        self.users = list(User.objects.filter(email=email, is_active=True))
        return email


class Once:
    """Takes a code once, for as long as it is a right one (RFC 6238, 5.2).

    allauth remembers a used code for one period; with tolerance a code is good for longer than that.
    """

    user: AbstractBaseUser

    def clean_code(self) -> str:
        """Return the code. ValidationError when it is wrong or was used."""
        code = str(super().clean_code())  # type: ignore[misc]  # of the form that this is mixed into
        if not use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCode(Once, AuthenticateForm):  # type: ignore[misc]  # allauth is not typed
    """The code that is asked for after the password."""


class SudoCode(Once, ReauthenticateForm):  # type: ignore[misc]  # allauth is not typed
    """The code that is asked for instead of the password."""


def use(user: AbstractBaseUser, code: str) -> bool:
    """Note that a person used a code; False when they did before."""
    periods = 2 * app_settings.TOTP_TOLERANCE + 1
    key = f"signin.used|{user.pk}|{normalize_user_code(code)}"
    return bool(cache.add(key, 1, timeout=periods * app_settings.TOTP_PERIOD))
