"""Our own errors, one tree. The docstring of a class is its message unless it is raised with another.

RedoundError
├── UnavailableError     retry: something we depend on cannot serve at this moment
├── RefusedError         a person asked for what is not possible, and is told why
└── BrokenError          a promise of our own was broken; a person has to look

Expected trouble is no error: a receiver's 500 is an AttemptResult, a bad report has a verdict, a bad URL is
a Refusal. `retry` says whether the same call may succeed later without anybody changing anything.
"""

from __future__ import annotations

from typing import ClassVar


class RedoundError(Exception):
    """Something went wrong."""

    retry: ClassVar[bool] = False

    def __init__(self, message: str = "") -> None:
        """Take a more exact message than the class's own."""
        super().__init__(message or type(self).__doc__ or "")


class UnavailableError(RedoundError):
    """Something this needs cannot serve at the moment."""

    retry = True


class RefusedError(RedoundError):
    """This is not possible."""


class BrokenError(RedoundError):
    """Redound contradicts itself; this is a fault in it."""
