"""Invitations: a link that one person makes their account with, once and within a week."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from redound.console import runtime
from redound.console.accounts import audit
from redound.console.accounts.models import Invitation, Role, User
from redound.console.errors import ConflictError, Fault, InvalidError, NotFoundError
from redound.console.signin import mailing, paths

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Affiliate

VALID = timedelta(days=7)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation, its link, which cannot be had again, and whether a mail with it went out."""

    invitation: Invitation
    link: str
    mailed: bool


def open_ones() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def invite(
    caller: Caller, email: str, *, role: str, name: str = "", affiliate: Affiliate | None = None
) -> Sent:
    """Invite a person; an open invitation of the address is revoked. InvalidError: they have an account."""
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise InvalidError([Fault("/email", "taken", _("This person has an account already."))])
    token, digest = _token()
    with transaction.atomic():
        for earlier in open_ones().filter(email=address):
            revoke(caller, earlier)
        invitation = Invitation.objects.create(
            email=address,
            name=name.strip(),
            role=role,
            affiliate=affiliate,
            digest=digest,
            invited_by=User.objects.filter(pk=caller.user_id).first(),
            expires_at=timezone.now() + VALID,
        )
        audit.record(caller, "invite", invitation, {}, audit.picture(invitation))
    return _send(invitation, token)


def send_again(caller: Caller, invitation: Invitation) -> Sent:
    """Send a new link for seven more days; the earlier link stops working. ConflictError: it is not open."""
    token, digest = _token()
    with transaction.atomic():
        before = audit.picture(invitation)
        if not _still_open(invitation, digest=digest, expires_at=timezone.now() + VALID):
            raise ConflictError("not_open", _("This invitation was accepted or revoked."))
        invitation.refresh_from_db()
        audit.record(caller, "invite_again", invitation, before, audit.picture(invitation))
    return _send(invitation, token)


def revoke(caller: Caller, invitation: Invitation) -> None:
    """Take an invitation back. One that was accepted meanwhile stays as it is."""
    before = audit.picture(invitation)
    with transaction.atomic():
        if _still_open(invitation, revoked_at=timezone.now()):
            invitation.refresh_from_db()
            audit.record(caller, "revoke", invitation, before, audit.picture(invitation))


def by_token(token: str) -> Invitation:
    """Return the open invitation of a link. NotFoundError: there is none, any more or ever."""
    found = open_ones().select_related("affiliate").filter(digest=_digest(token)).first()
    if found is None:
        raise NotFoundError(_("This invitation is used, out of date or withdrawn. Ask for a new one."))
    return found


def accept(invitation: Invitation, name: str, password: str) -> User:
    """Make the invited person's account. NotFoundError: somebody used the link in the meantime.

    Of two who send the form at once, the compare-and-set on `accepted_at` lets one through.
    """
    try:
        with transaction.atomic():
            if not _still_open(invitation, accepted_at=timezone.now()):
                raise NotFoundError(
                    _("This invitation is used, out of date or withdrawn. Ask for a new one.")
                )
            user = User.objects.create_user(
                invitation.email,
                password,
                name=name,
                role=invitation.role,
                affiliate=invitation.affiliate,
                is_staff=invitation.role == Role.OPERATOR,
                is_superuser=invitation.role == Role.OPERATOR,
            )
            Invitation.objects.filter(pk=invitation.pk).update(user=user)
    except IntegrityError as error:
        problem = Fault(
            "/email", "taken", _("There is an account with this address already. Sign in instead.")
        )
        raise InvalidError([problem]) from error
    return user


def _still_open(invitation: Invitation, **changes: object) -> bool:
    """Change the row if nobody accepted or revoked it before."""
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    return bool(found.update(**changes, updated_at=timezone.now()))


def _token() -> tuple[str, str]:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, _digest(token)


def _digest(token: str) -> str:
    """Return what is stored of a token: it is random enough to need neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _send(invitation: Invitation, token: str) -> Sent:
    link = paths.invitation_link(token)
    return Sent(invitation, link, _mailed(invitation, link))


def _mailed(invitation: Invitation, link: str) -> bool:
    if runtime.settings().smtp is None:
        return False
    values = {"invitation": invitation, "link": link, "base_url": runtime.settings().base_url}
    text = render_to_string("signin/mail/invitation.txt", values).strip()
    mail = EmailMessage(_("Your invitation to Redound"), text, None, [invitation.email])
    return mailing.send(mail, "invitation")
