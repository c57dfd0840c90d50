"""What people are told when a postback fails or is disabled: why, what came back last, and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from redound.core.tools.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.deliveries import Health
    from redound.core.trace.causes import Language

    Facts = Mapping[str, Any]
    """`reason`, `failed_attempts`, `failures_in_row`, and `last_response`, itself JSON."""

KEPT: Final = Words(
    "New callbacks are kept for 30 days and go out when it is enabled again.",
    "Новые постбэки хранятся 30 дней и уйдут, когда его снова включат.",
)
REMEDY: Final = Words(
    "Correct its address, send a test, and enable it again.",
    "Исправьте адрес, отправьте тест и включите постбэк снова.",
)
LOOK: Final = Words(
    "Callbacks are tried again; look at what the receiver answers before it is disabled.",
    "Попытки продолжаются; посмотрите, что отвечает приёмник, пока постбэк не отключён.",
)

_GONE: Final = Words(
    "the receiver answered 410 Gone, so nobody wants these callbacks any more.",
    "приёмник ответил 410 Gone: эти постбэки больше никому не нужны.",
)
_EXHAUSTED: Final = Words(
    "a callback failed {failed_attempts} attempts because of the receiver.",
    "постбэк не прошёл по вине приёмника, попыток: {failed_attempts}.",
)
_IN_A_ROW: Final = Words(
    "{failures_in_row} callbacks in a row failed because of the receiver.",
    "по вине приёмника не прошло подряд: {failures_in_row}.",
)
_RECEIVER: Final = Words("the receiver kept failing.", "приёмник не отвечал как нужно.")
_FAILING: Final = Words(
    "the last {failures_in_row} attempts failed because of the receiver.",
    "по вине приёмника не прошло попыток подряд: {failures_in_row}.",
)
_ANSWERED: Final = Words("The last answer had the status {status}.", "Последний ответ — статус {status}.")
_SILENT: Final = Words("There was no answer.", "Ответа не было.")


def facts_of(health: Health) -> dict[str, Any]:
    """Return what is kept with a notification, so that it can be told again in another language."""
    return {
        "reason": health.disabled_reason,
        "failed_attempts": health.failed_attempts,
        "failures_in_row": health.failures_in_row,
        "last_response": health.last_response,
    }


def disabled_because(health: Health, audience: str) -> str:
    """Return the sentences that follow "The postback X was disabled: ".

    `audience` is "manager" or "affiliate"; only the affiliate, whose postback it is, is told what to do.
    """
    return why_disabled(facts_of(health), audience)


def why_disabled(facts: Facts, audience: str, language: Language = "en") -> str:
    """Return the same from what was kept of it."""
    parts = [_why(facts, language), _last(facts, language), KEPT.text(language)]
    if audience == "affiliate":
        parts.append(REMEDY.text(language))
    return " ".join(part for part in parts if part)


def failing_because(health: Health) -> str:
    """Return the sentences that follow "The postback X is failing: "."""
    return why_failing(facts_of(health))


def why_failing(facts: Facts, language: Language = "en") -> str:
    """Return the same from what was kept of it."""
    numbers = _numbers(facts)
    failing = _FAILING.text(language, **numbers) if numbers["failures_in_row"] else _RECEIVER.text(language)
    parts = [failing, _last(facts, language), LOOK.text(language)]
    return " ".join(part for part in parts if part)


def _numbers(facts: Facts) -> dict[str, Any]:
    return {name: facts.get(name) for name in ("failed_attempts", "failures_in_row")}


def _why(facts: Facts, language: Language) -> str:
    numbers = _numbers(facts)
    match facts.get("reason"):
        case "gone":
            return _GONE.text(language)
        case "attempts_exhausted" if numbers["failed_attempts"]:
            return _EXHAUSTED.text(language, **numbers)
        case "failures_in_row" if numbers["failures_in_row"]:
            return _IN_A_ROW.text(language, **numbers)
        case "attempts_exhausted" | "failures_in_row" | None:
            return _RECEIVER.text(language)
        case reason:
            return f"{reason}."


def _last(facts: Facts, language: Language) -> str:
    """Return the sentence about the last answer; it comes as JSON from the health's record."""
    try:
        shown = json.loads(facts.get("last_response") or "")
        status, detail = shown.get("status"), shown.get("error", {}).get("detail", "")
    except (ValueError, AttributeError):
        return ""
    if status is None:
        return f"{_SILENT.text(language)} {detail}".strip()
    answer = _ANSWERED.text(language, status=status)
    # The detail is in English; to others the status has to be enough.
    return f"{answer} {detail}".strip() if language == "en" else answer
