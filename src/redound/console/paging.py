"""Lists: pages by cursor, newest first.

IDs begin with their time, so the last ID seen is the place to go on from.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from pydantic import BaseModel, ConfigDict, Field

from redound.console.errors import Fault, InvalidError

MAX_LIMIT = 200
MAX_ID = 60
M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page. `next_cursor` is null on the last."""

    data: list[T]
    next_cursor: str | None = None
    has_more: bool = False


class Paging(BaseModel):
    """What every list takes. A cursor is opaque and belongs to the list that gave it."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


def write_cursor(last_id: str) -> str:
    """Return the cursor of the rows after this one."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """Return the ID in a cursor; InvalidError when it is none of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        text = ""
    if not 0 < len(text) <= MAX_ID or not text.replace("_", "").isalnum():
        raise InvalidError(
            [Fault("?cursor", "bad_cursor", "cursor is none that a list gave. Start without one.")]
        )
    return text


def page(
    rows: QuerySet[M], paging: Paging, shape: Callable[[Sequence[M]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """Return the Page of rows after the cursor, newest first. `shape` renders a whole page at once."""
    rows = rows.order_by("-pk")
    if paging.cursor is not None:
        rows = rows.filter(pk__lt=read_cursor(paging.cursor))
    found = list(rows[: paging.limit + 1])
    shown = found[: paging.limit]
    more = len(found) > paging.limit
    return {
        "data": shape(shown),
        "next_cursor": write_cursor(str(shown[-1].pk)) if more else None,
        "has_more": more,
    }
