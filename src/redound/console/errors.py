"""What can go wrong with what a person asked for. Every error says it in words, with what would be right.

ConsoleError
├── NotAuthenticatedError   401  no key, or one that no longer works
├── ForbiddenError          403  known, but not allowed this
├── NotFoundError           404  not there, or not theirs: the answer is the same
├── ConflictError           409  it does not go with the present state
├── ChangedMeanwhileError   412  If-Match names an older version
├── InvalidError            422  one fault a field
├── TooManyRequestsError    429  may be tried again later
└── UnavailableError        503  may be tried again later
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a JSON Pointer into the body (or `?parameter`), a code and a sentence."""

    pointer: str
    code: str
    detail: str


class ConsoleError(Exception):
    """Something the asker can be told. `retry_after_seconds` is set when trying again may help."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(
        self, code: str, detail: str, *, faults: Sequence[Fault] = (), retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)
        self.retry_after_seconds = retry_after_seconds


class NotAuthenticatedError(ConsoleError):
    """No key, or one that is unknown, expired or revoked."""

    status = 401
    title = "Not authenticated"


class ForbiddenError(ConsoleError):
    """The asker is known and may not do this."""

    status = 403
    title = "Not allowed"


class NotFoundError(ConsoleError):
    """There is no such thing, or it is somebody else's."""

    status = 404
    title = "Not found"

    def __init__(self, detail: str = "There is nothing here under this address.") -> None:
        super().__init__("not_found", detail)


class ConflictError(ConsoleError):
    """The present state does not allow it."""

    status = 409
    title = "Conflict"


class ChangedMeanwhileError(ConsoleError):
    """Somebody else changed the row after the asker read it."""

    status = 412
    title = "Changed meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "precondition_failed", "It was changed after you read it. Read it again and repeat your change."
        )


class InvalidError(ConsoleError):
    """The request is well-formed, but a field's value cannot be used."""

    status = 422
    title = "Invalid"

    def __init__(self, faults: Sequence[Fault], *, code: str = "invalid") -> None:
        super().__init__(code, " ".join(dict.fromkeys(fault.detail for fault in faults)), faults=faults)


class TooManyRequestsError(ConsoleError):
    """More requests than a key may make."""

    status = 429
    title = "Too many requests"


class UnavailableError(ConsoleError):
    """A part that is needed does not answer."""

    status = 503
    title = "Unavailable"
