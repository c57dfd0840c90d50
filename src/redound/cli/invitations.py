"""`redound user invite`, `reset-link` and `reset-two-factor`: letting people in, and in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.accounts import find_affiliate, find_person, people
from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, confirm, data, say

if TYPE_CHECKING:
    from redound.console.accounts.models import User

Address = Annotated[str, typer.Argument(help="The address that they sign in with.")]


def register(app: typer.Typer) -> None:
    """Nothing to add: the commands of this file belong to the group `user`."""
    del app


@command(
    people,
    "invite",
    "Let a person make their own account.",
    "user invite bob@example.com --role manager",
    "user invite alice@example.com --affiliate aff_…",
)
def invite(
    email: Address,
    name: Annotated[str, typer.Option(help="What to call them; they can change it.")] = "",
    role: Annotated[str, typer.Option(help="manager, operator or affiliate.")] = "",
    affiliate: Annotated[str, typer.Option(help="The affiliate whose things they see (aff_…).")] = "",
) -> None:
    """Print a link with which the person sets their password; it works for seven days, and once.

    It is sent by mail as well when there is a mail server. An earlier invitation of the address ends.
    """
    with installation():
        from redound.console.accounts.models import Role
        from redound.console.signin import invitations

        wanted = role or ("affiliate" if affiliate else "manager")
        if wanted not in Role.values:
            problem = f"--role {role}: choose one of {', '.join(Role.values)}."
            raise CommandError(problem, code=Exit.USAGE)
        if (wanted == Role.AFFILIATE) != bool(affiliate):
            raise CommandError("--affiliate goes with the role affiliate, and only with it.", code=Exit.USAGE)
        _check_address(email)
        sent = invitations.invite(
            operator("user invite"),
            email,
            role=wanted,
            name=name,
            affiliate=find_affiliate(affiliate) if affiliate else None,
        )
        data(sent.link)
    say("It is on its way by mail." if sent.mailed else "No mail was sent: pass the link on.")


@command(people, "reset-link", "Let a person set a new password.", "user reset-link bob@example.com")
def reset_link(email: Address) -> None:
    """Print a link with which the person sets a new password; it works for a day, and once. Pass it on."""
    with installation():
        from django.contrib.auth.tokens import default_token_generator

        from redound.console.accounts import audit
        from redound.console.signin import paths

        user = find_person(email)
        if not user.is_active:
            raise CommandError(f"{user.email} is switched off.", "Switch them on first, on the page People.")
        audit.record(operator("user reset-link"), "reset_link", user, {}, {})
        data(paths.reset_link(user.pk, default_token_generator.make_token(user)))


@command(
    people,
    "reset-two-factor",
    "Help a person who lost phone and recovery codes.",
    "user reset-two-factor bob@example.com",
    "user reset-two-factor bob@example.com --yes",
)
def reset_two_factor(
    email: Address, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a person's authenticator app and recovery codes, and end their sessions.

    Make sure by another way that it is they who ask. Whom two-factor is required of sets it up anew.
    """
    with installation():
        user = find_person(email)
        confirm(f"Remove the second factor of {user.email}?", yes=yes)
        say(_without_factors(user))


def _without_factors(user: User) -> str:
    from allauth.mfa.models import Authenticator
    from django.db import transaction

    from redound.console.accounts import audit
    from redound.console.signin import visits

    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if not removed:
            return f"{user.email} has no second factor."
        audit.record(operator("user reset-two-factor"), "two_factor_off", user, {}, {})
    visits.end_all(user)
    return f"{user.email} signs in with the password alone now."


def _check_address(email: str) -> None:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email} is not an e-mail address.", code=Exit.USAGE) from error
