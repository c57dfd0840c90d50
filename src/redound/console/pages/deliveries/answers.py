"""What an attempt was answered, in a word: a status code, or why there was none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from redound.core.deliveries import ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from redound.console.traffic.models import Attempt

WITHOUT_ANSWER: Final[Mapping[str, str | _StrPromise]] = {
    ErrorKind.DNS_NOT_FOUND: "DNS",
    ErrorKind.DNS_FAILED: "DNS",
    ErrorKind.CONNECT: _("Connection"),
    ErrorKind.TLS: "TLS",
    ErrorKind.TIMEOUT: _("Timeout"),
    ErrorKind.RESET: _("Broken off"),
    ErrorKind.PROTOCOL: _("Not HTTP"),
    ErrorKind.TOO_LARGE: _("Too large"),
    ErrorKind.REFUSED: _("Not allowed"),
    ErrorKind.TEMPLATE: _("Template"),
    ErrorKind.INTERNAL: _("Our fault"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`css` is the class of its look: c2 for a good one, c3 to c5, or ce for none."""

    text: str
    css: str

    def __str__(self) -> str:
        return self.text


def answer_of(attempt: Attempt) -> Answer:
    """Return what an attempt was answered."""
    if attempt.status is None:
        return Answer(str(WITHOUT_ANSWER.get(attempt.error_kind, attempt.error_kind or "–")), "ce")
    refused_in_words = attempt.error_kind == ErrorKind.BODY
    return Answer(str(attempt.status), "ce" if refused_in_words else f"c{attempt.status // 100}")
