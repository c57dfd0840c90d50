"""Channels and wishes as the API and the pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.notices import channels
from redound.console.notices.models import Wishes
from redound.console.render import maybe_moment_ms, moment
from redound.core.notices.digests import DEFAULT_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.accounts.models import User
    from redound.console.notices.forms import WishesForm
    from redound.console.notices.models import Channel
    from redound.console.render import Values


def shapes(rows: Sequence[Channel]) -> list[Values]:
    """Return the values of ChannelShape."""
    latest = channels.latest(rows)
    found = []
    for row in rows:
        last = latest.get(row.pk)
        found.append(
            {
                "id": row.pk,
                "kind": row.kind,
                "name": row.name,
                "shown": row.shown or (row.user.email or ""),
                "events": channels.events_of(row),
                "enabled": row.enabled,
                "last_state": last.state if last else None,
                "last_error": (last.error or None) if last else None,
                "last_at": maybe_moment_ms(last.finished_at or last.created_at) if last else None,
                "created_at": moment(row.created_at),
                "updated_at": moment(row.updated_at),
            }
        )
    return found


def wishes_of(person: User) -> Values:
    """Return the values of WishesShape."""
    row = Wishes.objects.filter(pk=person.pk).first()
    return {"digest": row.digest if row else "immediately", "hour": row.hour if row else DEFAULT_HOUR}


def wish(person: User, form: WishesForm) -> Values:
    """Store when a person wants to be told; what is on its way keeps its time."""
    wanted = wishes_of(person) | {name: getattr(form, name) for name in form.given}
    Wishes.objects.update_or_create(user=person, defaults=wanted)
    return wanted
