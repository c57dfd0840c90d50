"""Who must have a second factor, and who has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator

from redound.console import runtime

if TYPE_CHECKING:
    from redound.console.accounts.models import User


def required_of(user: User) -> bool:
    """Whether they get to no page without one: by the installation's rule, or by one of their own."""
    rule = runtime.settings().require_two_factor
    return user.require_two_factor or rule == "all" or (rule == "managers" and user.manages)


def has_one(user: User) -> bool:
    """Whether they have set up an authenticator app. Recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())
