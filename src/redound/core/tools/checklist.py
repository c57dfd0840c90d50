"""The checklist of a postback: six steps from a template to callbacks that are known to arrive.

Every step says how it stands, what shows it, and what to do next. It is computed from what is stored, so that
nobody ticks anything by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.lint.codes import Severity
from redound.core.lint.evidence import ENOUGH
from redound.core.tools.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redound.core.lint.engine import Finding
    from redound.core.trace.causes import Language

FAILING_SHARE: Final = 0.1
"""More than this share of the recent deliveries failed: something is wrong."""
SHOWN: Final = 8


class StepState(StrEnum):
    """DONE: shown by data. TODO: nothing shows it yet. WRONG: data show the opposite."""

    DONE = "done"
    TODO = "todo"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a postback. Times are in ms, None for never.

    `macros` are those of ours that it uses, `unknown` what looks like one and is none. `returned` are the
    macros in its click parameter, `seen` those in which a tracker's click ID arrived in `clicks` real clicks.
    `test_delivered` is how the latest test ended, None while there is none. The numbers are of real
    deliveries of the last week. `manager` is how the manager is reached, "" when nobody is named.
    """

    postback_id: str
    name: str
    url: str
    edited_at: int
    findings: Sequence[Finding] = ()
    macros: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    clicks: int = 0
    tested_at: int | None = None
    test_delivered: bool | None = None
    delivered: int = 0
    failed: int = 0
    waiting: int = 0
    last_success_at: int | None = None
    health: str = ""
    health_reason: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its code, how it stands, the words, and the details that fill them in."""

    code: str
    state: StepState
    words: _Step
    details: Mapping[str, object] = field(default_factory=dict)

    def title(self, language: Language = "en") -> str:
        """Return what the step is."""
        return TITLES[self.code].text(language)

    def evidence(self, language: Language = "en") -> str:
        """Return what shows how it stands."""
        return self.words.evidence.text(language, **self.details)

    def advice(self, language: Language = "en") -> str:
        """Return what to do next, "" when nothing is."""
        return self.words.advice.text(language, **self.details)


@dataclass(frozen=True, slots=True)
class _Step:
    evidence: Words
    advice: Words = Words("", "")  # noqa: RUF009 - frozen


TITLES: Final[Mapping[str, Words]] = {
    "macros_verified": Words("The macros exist", "Макросы существуют"),
    "mapped": Words("The tracker's click ID comes back", "Click ID трекера возвращается"),
    "template_clean": Words("The template is clean", "В шаблоне нет ошибок"),
    "test_delivered": Words("A test was delivered", "Тест доставлен"),
    "watched": Words("Real callbacks arrive", "Реальные постбэки доходят"),
    "ask": Words("Whom to ask", "Кого спросить"),
}

_MACROS = _Step(Words("All macros are ours: {macros}.", "Все макросы наши: {macros}."))
_NO_MACROS = _Step(
    Words(
        "There is no macro in it: it sends the same every time.",
        "В нём нет макросов: запрос всегда одинаков.",
    ),
    Words(
        "Add the slot of the tracker's click ID, such as {{sub1}}.",
        "Добавьте слот click ID, например {{sub1}}.",
    ),
)
_UNKNOWN = _Step(
    Words("These are no macros of ours: {unknown}.", "Это не наши макросы: {unknown}."),
    Words(
        "Correct them: lint and translate suggest the right ones.",
        "Исправьте их: проверка и перевод подскажут верные.",
    ),
)
_MAPPED = _Step(
    Words(
        "In the latest {clicks} clicks the tracker's click ID arrived in {seen}, and {returned} is returned.",
        "В последних {clicks} кликах click ID трекера пришёл в {seen}, возвращается {returned}.",
    )
)
_NOT_RETURNED = _Step(
    Words("The postback returns no slot of the click.", "Постбэк не возвращает ни одного слота клика."),
    Words(
        "Put the slot in which your tracker's click ID arrives into it.", "Добавьте слот с click ID трекера."
    ),
)
_FEW_CLICKS = _Step(
    Words(
        "Only {clicks} clicks are known; {enough} are needed to see the slot.",
        "Известно кликов: {clicks}; чтобы увидеть слот, нужно {enough}.",
    ),
    Words(
        "Send traffic through your link, or follow it a few times.", "Пустите трафик или перейдите по ссылке."
    ),
)
_NOT_SEEN = _Step(
    Words(
        "In the latest {clicks} clicks no slot looks like a tracker's click ID.",
        "В последних {clicks} кликах ни один слот не похож на click ID трекера.",
    ),
    Words(
        "Put your tracker's click macro into {returned} of your link.",
        "Добавьте макрос клика в {returned} ссылки.",
    ),
)
_OTHER_SLOT = _Step(
    Words(
        "The tracker's click ID arrives in {seen}, but {returned} is returned.",
        "Click ID трекера приходит в {seen}, а возвращается {returned}.",
    ),
    Words("Return {seen}, or change the slot in your link.", "Верните {seen} или смените слот в ссылке."),
)
_CLEAN = _Step(
    Words("Lint finds neither errors nor warnings.", "Проверка не находит ошибок и предупреждений.")
)
_NOT_CLEAN = _Step(
    Words("Lint finds: {codes}.", "Проверка находит: {codes}."),
    Words(
        "Open the lint findings; many have a correction.", "Откройте замечания: у многих есть исправление."
    ),
)
_TESTED = _Step(Words("A test was delivered on {tested}.", "Тест доставлен {tested}."))
_UNTESTED = _Step(
    Words("No test was sent yet.", "Тест ещё не отправлялся."),
    Words("Send a test with a control.", "Отправьте тест с контролем."),
)
_TEST_OLD = _Step(
    Words(
        "A test was delivered on {tested}, before the last change.", "Тест доставлен {tested}, до изменения."
    ),
    Words("Send a test again.", "Отправьте тест ещё раз."),
)
_TEST_FAILED = _Step(
    Words("The latest test, on {tested}, did not get through.", "Последний тест, {tested}, не прошёл."),
    Words(
        "Read what its answer means, correct the postback, test again.",
        "Прочитайте ответ, исправьте, повторите.",
    ),
)
_WATCHED = _Step(
    Words(
        "In the last week {delivered} were delivered and {failed} failed; the last success was on {success}.",
        "За неделю доставлено {delivered}, не доставлено {failed}; последний успех {success}.",
    )
)
_NO_TRAFFIC = _Step(
    Words("Nothing was sent for a real conversion in the last week.", "За неделю реальных отправок не было."),
    Words("Wait for a conversion, then look here again.", "Дождитесь конверсии и посмотрите снова."),
)
_UNDER_WAY = _Step(
    Words("{waiting} wait or are tried again; none has ended yet.", "Ждут или повторяются: {waiting}."),
    Words("Look at their attempts in the delivery log.", "Посмотрите попытки в журнале доставок."),
)
_FAILING = _Step(
    Words(
        "In the last week {failed} of {ended} failed; the last success was on {success}.",
        "За неделю не доставлено {failed} из {ended}; последний успех {success}.",
    ),
    Words(
        "Open a failed one: its trace names the cause.", "Откройте неудачную: трассировка назовёт причину."
    ),
)
_DISABLED = _Step(
    Words("The postback was disabled: {reason}", "Постбэк отключён: {reason}"),
    Words("Correct it, send a test, then enable it again.", "Исправьте, отправьте тест и включите снова."),
)
_ASK = _Step(
    Words("Your manager is {manager}.", "Ваш менеджер — {manager}."),
    Words("Send them the summary below.", "Отправьте сводку ниже."),
)
_NOBODY = _Step(
    Words("No manager is named for the affiliate.", "У аффилиата не указан менеджер."),
    Words("Send the summary below to the network's support.", "Отправьте сводку ниже в поддержку."),
)
_NOTHING_TO_ASK = _Step(
    Words("All is shown to work; should that change, ask {manager}.", "Всё работает; если что — {manager}.")
)
_ALL_WELL = _Step(
    Words(
        "All is shown to work; should that change, ask the network's support.",
        "Всё работает; если что — обратитесь в поддержку сети.",
    )
)


def check(facts: Facts) -> list[Step]:
    """Return the six steps, in order."""
    steps = [_macros(facts), _mapped(facts), _clean(facts), _tested(facts), _watched(facts)]
    return [*steps, _asked(facts, all(step.state is StepState.DONE for step in steps))]


def summary(facts: Facts, steps: Sequence[Step], language: Language = "en") -> str:
    """Return what to send to a manager: the postback and how each step stands, a line each."""
    marks = {StepState.DONE: "+", StepState.TODO: "?", StepState.WRONG: "-"}
    lines = [f"{facts.name} ({facts.postback_id})", facts.url]
    lines += [
        f"{marks[step.state]} {step.title(language)}: {step.evidence(language)}"
        for step in steps
        if step.code != "ask"
    ]
    return "\n".join(lines)


def _macros(facts: Facts) -> Step:
    details = {"macros": _listed(facts.macros), "unknown": ", ".join(facts.unknown[:SHOWN])}
    if facts.unknown:
        return Step("macros_verified", StepState.WRONG, _UNKNOWN, details)
    if not facts.macros:
        return Step("macros_verified", StepState.WRONG, _NO_MACROS)
    return Step("macros_verified", StepState.DONE, _MACROS, details)


def _mapped(facts: Facts) -> Step:
    slots = tuple(name for name in facts.returned if name != "click_id")
    details = {
        "clicks": facts.clicks,
        "seen": _listed(facts.seen),
        "returned": _listed(slots),
        "enough": ENOUGH,
    }
    if not slots:
        return Step("mapped", StepState.WRONG, _NOT_RETURNED)
    if facts.clicks < ENOUGH:
        return Step("mapped", StepState.TODO, _FEW_CLICKS, details)
    if not facts.seen:
        return Step("mapped", StepState.TODO, _NOT_SEEN, details)
    if set(slots).isdisjoint(facts.seen):
        return Step("mapped", StepState.WRONG, _OTHER_SLOT, details)
    return Step("mapped", StepState.DONE, _MAPPED, details)


def _clean(facts: Facts) -> Step:
    codes = dict.fromkeys(each.code for each in facts.findings if each.severity is not Severity.INFO)
    if codes:
        return Step("template_clean", StepState.WRONG, _NOT_CLEAN, {"codes": ", ".join([*codes][:SHOWN])})
    return Step("template_clean", StepState.DONE, _CLEAN)


def _tested(facts: Facts) -> Step:
    if facts.tested_at is None or facts.test_delivered is None:
        return Step("test_delivered", StepState.TODO, _UNTESTED)
    details = {"tested": _day(facts.tested_at)}
    if not facts.test_delivered:
        return Step("test_delivered", StepState.WRONG, _TEST_FAILED, details)
    if facts.tested_at < facts.edited_at:
        return Step("test_delivered", StepState.TODO, _TEST_OLD, details)
    return Step("test_delivered", StepState.DONE, _TESTED, details)


def _watched(facts: Facts) -> Step:
    ended = facts.delivered + facts.failed
    details = {
        "delivered": facts.delivered,
        "failed": facts.failed,
        "ended": ended,
        "waiting": facts.waiting,
        "success": _day(facts.last_success_at),
        "reason": facts.health_reason,
    }
    if facts.health == "disabled":
        return Step("watched", StepState.WRONG, _DISABLED, details)
    if not ended:
        return Step("watched", StepState.TODO, _UNDER_WAY if facts.waiting else _NO_TRAFFIC, details)
    if facts.health == "failing" or facts.failed > FAILING_SHARE * ended:
        return Step("watched", StepState.WRONG, _FAILING, details)
    return Step("watched", StepState.DONE, _WATCHED, details)


def _asked(facts: Facts, well: bool) -> Step:  # noqa: FBT001 - whether the five before are done
    if well:
        words = _NOTHING_TO_ASK if facts.manager else _ALL_WELL
        return Step("ask", StepState.DONE, words, {"manager": facts.manager})
    if not facts.manager:
        return Step("ask", StepState.TODO, _NOBODY)
    return Step("ask", StepState.TODO, _ASK, {"manager": facts.manager})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_braced(names[:SHOWN]))


def _braced(names: Sequence[str]) -> Iterator[str]:
    return (f"{{{name}}}" for name in names)


def _day(at: int | None) -> str:
    return "—" if at is None else f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"
