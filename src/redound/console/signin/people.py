"""People, for managers: who can sign in, who is invited, and what to do when something is wrong.

Managers look after affiliates' people and see each other; what would let somebody into another manager's
account (a reset link) or shut them out is for operators, and so is everything about operators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from redound.console.accounts import audit
from redound.console.accounts.models import Invitation, Role, User
from redound.console.errors import ForbiddenError, InvalidError, NotFoundError
from redound.console.shell.page import page
from redound.console.signin import invitations, paths, second_factors, visits
from redound.console.signin.inviting import Inviting
from redound.console.signin.sudo import sudo_required

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest
    from redound.console.signin.invitations import Sent

PER_PAGE = 50
TABS = ("all", "managers", "affiliates", "off")
_SHOWN: dict[str, Q] = {
    "all": Q(is_active=True),
    "managers": Q(is_active=True) & ~Q(role=Role.AFFILIATE),
    "affiliates": Q(is_active=True, role=Role.AFFILIATE),
    "off": Q(is_active=False),
}


@page
def people(request: PageRequest) -> HttpResponse:
    """List who can sign in, and who is invited."""
    return _listed(request)


def _listed(request: PageRequest, **more: Any) -> HttpResponse:
    known = _known()
    wanted = request.GET.get("show", "all")
    show = wanted if wanted in TABS else "all"
    rows = _found(known.filter(_SHOWN[show]), request.GET.get("q", "").strip())
    counts = known.aggregate(**{name: Count("pk", filter=condition) for name, condition in _SHOWN.items()})
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for person in shown:
        person.two_factor_needed = second_factors.required_of(person)  # type: ignore[attr-defined]  # for the template
    values = {
        "rows": shown,
        "show": show,
        "tabs": [(name, counts[name]) for name in TABS],
        "q": request.GET.get("q", ""),
        "invitations": invitations.open_ones().select_related("affiliate", "invited_by"),
        **more,
    }
    return render(request, "signin/people.html", values)


def _known() -> QuerySet[User]:
    """Return people with an address; rows without one only own API keys."""
    has_app = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    people_: QuerySet[User] = User.objects.exclude(email=None).select_related("affiliate")
    return people_.annotate(has_two_factor=Exists(has_app)).order_by("name", "id")


def _found(rows: QuerySet[User], text: str) -> QuerySet[User]:
    text = text.replace("\x00", "")
    if not text:
        return rows
    return rows.filter(
        Q(name__icontains=text) | Q(email__icontains=text) | Q(affiliate__name__icontains=text) | Q(pk=text)
    )


@page
def person(request: PageRequest, user_id: str) -> HttpResponse:
    """Show one person, and what may be done about them."""
    return _one(request, _somebody(user_id))


def _one(request: PageRequest, somebody: User, **more: Any) -> HttpResponse:
    values = {
        "person": somebody,
        "may": may_handle(request.user, somebody),
        "two_factor_needed": second_factors.required_of(somebody),
        "sessions": visits.count(somebody),
        **more,
    }
    return render(request, "signin/person.html", values)


@page
@sudo_required
def invite(request: PageRequest) -> HttpResponse:
    """Invite a person, and show the link once when no mail could be sent."""
    form = Inviting(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "signin/invite.html", {"form": form}, status=422 if form.errors else 200)
    wanted = form.cleaned_data
    try:
        sent = invitations.invite(
            request.caller,
            wanted["email"],
            role=wanted["role"],
            name=wanted["name"],
            affiliate=wanted["affiliate"],
        )
    except InvalidError as error:
        form.add_error("email", error.detail)
        return render(request, "signin/invite.html", {"form": form}, status=422)
    return _sent(request, sent)


@page
@require_POST
@sudo_required
def send_again(request: PageRequest, invitation_id: str) -> HttpResponse:
    """Send an invitation anew."""
    return _sent(request, invitations.send_again(request.caller, _invitation(invitation_id)))


@page
@require_POST
@sudo_required
def revoke(request: PageRequest, invitation_id: str) -> HttpResponse:
    """Take an invitation back."""
    invitation = _invitation(invitation_id)
    invitations.revoke(request.caller, invitation)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("manager:people")


@page
@require_POST
@sudo_required
def deactivate(request: PageRequest, user_id: str) -> HttpResponse:
    """Switch a person off: their sessions end, and keys that act for them are refused."""
    somebody = _person(request, user_id)
    _change(request, somebody, is_active=False)
    visits.end_all(somebody)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": somebody.name})
    return redirect("manager:person", somebody.pk)


@page
@require_POST
@sudo_required
def activate(request: PageRequest, user_id: str) -> HttpResponse:
    """Let a person in again."""
    somebody = _person(request, user_id)
    _change(request, somebody, is_active=True)
    messages.success(request, _("%(name)s can sign in again.") % {"name": somebody.name})
    return redirect("manager:person", somebody.pk)


@page
@require_POST
@sudo_required
def two_factor(request: PageRequest, user_id: str) -> HttpResponse:
    """Require a second factor of a person, or no longer."""
    somebody = _person(request, user_id)
    _change(request, somebody, require_two_factor=request.POST.get("required") == "1")
    messages.success(request, _("Saved."))
    return redirect("manager:person", somebody.pk)


@page
@require_POST
@sudo_required
def end_sessions(request: PageRequest, user_id: str) -> HttpResponse:
    """Sign a person out everywhere."""
    somebody = _person(request, user_id)
    ended = visits.end_all(somebody)
    audit.record(request.caller, "end_sessions", somebody, {}, {})
    messages.success(request, ngettext("%(n)d session ended.", "%(n)d sessions ended.", ended) % {"n": ended})
    return redirect("manager:person", somebody.pk)


@page
@require_POST
@sudo_required
def reset(request: PageRequest, user_id: str) -> HttpResponse:
    """Show, once, a link with which the person sets a new password, to pass on to them."""
    somebody = _person(request, user_id)
    if not somebody.is_active:
        raise ForbiddenError("user_inactive", _("They are switched off. Let them in again first."))
    link = paths.reset_link(somebody.pk, default_token_generator.make_token(somebody))
    audit.record(request.caller, "reset_link", somebody, {}, {})
    return _one(request, somebody, link=link, link_for=somebody)


def may_handle(by: User, person: User) -> bool:
    """Whether somebody may act upon a person's account: not upon their own, nor upward."""
    if by.pk == person.pk:
        return False
    return by.role == Role.OPERATOR or person.role == Role.AFFILIATE


def _id(text: str) -> str:
    """Return what a database can be asked for, "" for anything else."""
    return text if text.isascii() and text.replace("_", "").isalnum() else ""


def _somebody(user_id: str) -> User:
    somebody = _known().filter(pk=_id(user_id)).first()
    if somebody is None:
        raise NotFoundError
    return somebody


def _person(request: PageRequest, user_id: str) -> User:
    somebody = _somebody(user_id)
    if not may_handle(request.user, somebody):
        raise ForbiddenError(
            "not_yours", _("Only an operator may change this account, and nobody their own here.")
        )
    return somebody


def _invitation(invitation_id: str) -> Invitation:
    invitation = Invitation.objects.filter(pk=_id(invitation_id)).first()
    if invitation is None:
        raise NotFoundError
    return invitation


def _change(request: PageRequest, person: User, **fields: object) -> None:
    before = audit.picture(person)
    for name, value in fields.items():
        setattr(person, name, value)
    with transaction.atomic():
        person.save(update_fields=[*fields, "updated_at"])
        audit.record(request.caller, "edit", person, before, audit.picture(person))


def _sent(request: PageRequest, sent: Sent) -> HttpResponse:
    if sent.mailed:
        words = _("An invitation is on its way to %(email)s.") % {"email": sent.invitation.email}
        messages.success(request, words)
        return redirect("manager:people")
    return _listed(
        request,
        link=sent.link,
        link_for=sent.invitation,
        until=timezone.localtime(sent.invitation.expires_at),
    )
