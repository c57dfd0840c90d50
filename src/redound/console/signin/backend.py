"""Who logs in with an address and a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.auth_backends import AuthenticationBackend

from redound.console.accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest


class ByAddress(AuthenticationBackend):  # type: ignore[misc]  # allauth is not typed
    """By the user's one address. allauth's own table of addresses stays empty, so nothing stale lets in."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        del request
        address = str(credentials.get("email") or credentials.get("username") or "").lower()
        user = User.objects.filter(email=address).first() if address else None
        found: AbstractBaseUser | None = self._check_password(user, str(credentials.get("password") or ""))
        return found
