"""Sessions: when they began, when they were used last, and how they are ended."""

from __future__ import annotations

import ipaddress
import secrets
import time
from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from redound.console import runtime

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from redound.console.accounts.models import User

BEGAN, SEEN = "began_at", "seen_at"
"""Keys of a session: seconds since the epoch."""
GRAIN_SECONDS = 300
"""The time of last use is written so seldom, so that reading a page does not mean writing."""

TIDY_ONE_IN = 20
NOWHERE = "0.0.0.0"  # noqa: S104 - an address to write down, not to listen on


def begin(request: HttpRequest) -> None:
    """Note that a session begins."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    if not secrets.randbelow(TIDY_ONE_IN):
        tidy()


def address_of(request: HttpRequest) -> str:
    """Return the address that our server found, behind trusted proxies too; a socket's peer has none."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return NOWHERE


def is_over(session: SessionBase, now: float) -> bool:
    """Whether it was idle for too long or has lasted its whole time."""
    ours = runtime.settings()
    began, seen = int(session.get(BEGAN, now)), int(session.get(SEEN, now))
    return now - seen > idle_limit() or now - began > ours.session_lifetime_seconds


def idle_limit() -> float:
    """Return the seconds after which an unused session is over; the grain of `seen_at` is given on top."""
    idle = runtime.settings().session_idle_seconds
    return idle + min(GRAIN_SECONDS, idle / 2)


def touch(request: HttpRequest, now: float) -> None:
    """Note, once in a while, that the session is in use, and from where."""
    session = request.session
    if BEGAN not in session:
        session[BEGAN] = int(now)
    grain = min(GRAIN_SECONDS, runtime.settings().session_idle_seconds / 2)
    if now - int(session.get(SEEN, 0)) < grain:
        return
    session[SEEN] = int(now)
    UserSession.objects.filter(session_key=session.session_key).update(
        last_seen_at=timezone.now(), ip=address_of(request)
    )


def tidy() -> None:
    """Forget sessions that are over. Done now and then, when somebody signs in."""
    now = timezone.now()
    Session.objects.filter(expire_date__lte=now).delete()
    there = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=there).delete()


def count(user: User) -> int:
    """Return how many sessions of a person are open."""
    there = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return int(UserSession.objects.filter(user=user, session_key__in=there).count())


def end_all(user: User, but: str | None = None) -> int:
    """End a person's sessions, but for the one of this key; return how many."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
        ended += 1
    return ended


def end_one(user: User, row_id: int) -> bool:
    """End one session of a person; False when it is not theirs or over already."""
    session = UserSession.objects.filter(user=user, pk=row_id).first()
    if session is None:
        return False
    session.end()
    return True
