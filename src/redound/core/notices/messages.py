"""One message about one or more notifications, as it goes out by mail, chat or webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from redound.core.notices.telling import tell
from redound.core.tools.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.notices.telling import Noticed
    from redound.core.trace.causes import Language

MOST: Final = 20
"""Notifications that one message spells out."""

_MANY: Final = Words("{count} notifications from Redound", "Уведомлений от Redound: {count}")
_MORE: Final = Words("And {count} more: {url}", "И ещё {count}: {url}")


@dataclass(frozen=True, slots=True)
class Message:
    """`subject` is one line; `text` is plain; `items` are what a webhook gets."""

    subject: str
    text: str
    items: tuple[dict[str, Any], ...]


def compose(notices: Sequence[Noticed], base_url: str, language: Language = "en") -> Message:
    """Return the message about these notifications, oldest first. `base_url` is the console's address."""
    told = [tell(each, language) for each in notices]
    parts = [
        f"{each.title}\n{each.text}\n{base_url}{each.path}".replace("\n\n", "\n") for each in told[:MOST]
    ]
    if len(told) > MOST:
        url = f"{base_url}{'/manage' if notices[0].audience == 'manager' else ''}/notifications/"
        parts.append(_MORE.text(language, count=len(told) - MOST, url=url))
    one = len(told) == 1
    return Message(
        subject=told[0].title if one else _MANY.text(language, count=len(told)),
        text="\n\n".join(parts).partition("\n")[2] if one else "\n\n".join(parts),
        items=tuple(
            {
                "id": notice.id,
                "kind": notice.kind,
                "title": said.title,
                "text": said.text,
                "postback_id": notice.postback_id or None,
                "affiliate_id": notice.affiliate_id or None,
                "created_at": _rfc3339(notice.at),
                "url": f"{base_url}{said.path}",
            }
            for notice, said in zip(notices, told, strict=True)
        ),
    )


def _rfc3339(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
