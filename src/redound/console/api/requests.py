"""A request to the API as its endpoints see it: who asks is settled before they run."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.http import HttpRequest

from redound.console.errors import NotAuthenticatedError

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.errors import ConsoleError

PREFIX = "/api/v1/"


class ApiRequest(HttpRequest):
    """What the gate makes of a request under the prefix: `caller`, or why there is none in `refusal`.

    `upload` is the body of a file to import where it was read before, rewound.
    """

    caller: Caller
    refusal: ConsoleError | None
    request_id: str
    upload: IO[bytes] | None


def noun_of(path: str) -> str:
    """Return the plural noun that a path of the API is about, "" for its documents."""
    return path.removeprefix(PREFIX).split("/", 1)[0]


def verb_of(method: str | None) -> str:
    """Return the scope's verb of an HTTP method."""
    return "read" if method in {"GET", "HEAD", "OPTIONS"} else "write"


NOT_AUTHENTICATED = NotAuthenticatedError(
    "not_authenticated", "Send an API key: Authorization: Bearer rdk_… (redound key create makes one)."
)
