"""A stored notification as a person reads it: a title, sentences, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redound.core.notices.disabling import why_disabled, why_failing
from redound.core.notices.kinds import TEST
from redound.core.tools.words import Words
from redound.core.watch import words as watch_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.notices.kinds import Audience
    from redound.core.trace.causes import Language

MAX_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notification as it is stored. `name` is its postback's, "" without one; `at` in ms."""

    id: str
    kind: str
    audience: Audience
    text: str
    at: int
    postback_id: str = ""
    affiliate_id: str = ""
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person reads. `path` is the page to go on with, below the console's address."""

    title: str
    text: str
    path: str


_TITLES: Final[Mapping[str, Words]] = {
    "postback_failing": Words("The postback {name} is failing", "Постбэк {name} не доставляется"),
    "postback_disabled": Words("The postback {name} was disabled", "Постбэк {name} отключён"),
    "postback_enabled": Words("The postback {name} was enabled again", "Постбэк {name} снова включён"),
    "approvals_pending": Words("{count} conversions wait for approval", "Ждут одобрения конверсий: {count}"),
    "import_finished": Words("The import {name} has finished", "Импорт {name} завершён"),
    "import_failed": Words("The import {name} has failed", "Импорт {name} не удался"),
    TEST: Words("A test from Redound", "Проверка связи из Redound"),
}
_ENABLED: Final = Words(
    "What was parked meanwhile is being sent. By: {by}.",
    "Отложенное за это время отправляется. Включил: {by}.",
)
_APPROVALS: Final = Words(
    "They came more than an hour ago and are still pending.",
    "Пришли больше часа назад и ещё не рассмотрены.",
)
_IMPORTED: Final = Words(
    "Rows read: {rows}, refused: {refused}.", "Прочитано строк: {rows}, отклонено: {refused}."
)
_OVER: Final = Words("Over: ", "Завершено: ")
_TEST: Final = Words(
    "This channel works. You will be told here what you chose.",
    "Канал работает. Сюда будет приходить то, что вы выбрали.",
)


def tell(notice: Noticed, language: Language = "en") -> Told:
    """Return what a notification says. Of a kind that is not known here it says what was stored."""
    title, text = _said(notice, language)
    return Told(_plain(title), text, path_of(notice))


def path_of(notice: Noticed) -> str:
    """Return the page to go on with."""
    portal = "/manage/" if notice.audience == "manager" else "/"
    match notice.kind:
        case "postback_failing" | "postback_disabled" | "postback_enabled" if notice.postback_id:
            return f"{portal}postbacks/{notice.postback_id}/"
        case "approvals_pending":
            return f"{portal}conversions/?status=pending"
        case "import_finished" if notice.data.get("import_id"):
            return f"{portal}imports/{notice.data['import_id']}/"
        case "incident_opened" | "incident_closed" if notice.data.get("incident_id"):
            return f"{portal}incidents/{notice.data['incident_id']}/"
        case _:
            return f"{portal}notifications/"


def _said(notice: Noticed, language: Language) -> tuple[str, str]:
    data, name = notice.data, notice.name or notice.postback_id
    title, text = notice.text.partition(":")[0], notice.text
    match notice.kind:
        case "postback_disabled":
            title = _title(notice.kind, language, name=name)
            text = _upper(why_disabled(data, notice.audience, language))
        case "postback_failing":
            title = _title(notice.kind, language, name=name)
            text = _upper(why_failing(data, language))
        case "postback_enabled":
            title = _title(notice.kind, language, name=name)
            text = _ENABLED.text(language, by=data.get("by", ""))
        case "approvals_pending":
            count = f"{data.get('count', '')}{'+' if data.get('more') else ''}"
            title = _title(notice.kind, language, count=count)
            text = _APPROVALS.text(language)
        case "import_finished":
            kind = "import_failed" if data.get("error") else notice.kind
            title = _title(kind, language, name=data.get("file", ""))
            text = _IMPORTED.text(language, rows=data.get("rows", 0), refused=data.get("refused", 0))
            text = f"{data.get('error', '')} {text}".strip()
        case "incident_opened" | "incident_closed":
            title, text = _incident(notice, language)
        case "test":
            title, text = _title(TEST, language), _TEST.text(language)
    return title, text


def _incident(notice: Noticed, language: Language) -> tuple[str, str]:
    """Return what is said of an incident, as it is stored when its numbers cannot be read."""
    told = watch_words.told(notice.data, language)
    if told is None:
        return notice.text.partition(":")[0], notice.text
    title, text = told
    return f"{_OVER.text(language)}{title}" if notice.kind == "incident_closed" else title, text


def _title(kind: str, language: Language, **details: object) -> str:
    return _TITLES[kind].text(language, **{name: str(each)[:MAX_NAME] for name, each in details.items()})


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> str:
    """Return a text in one line: it becomes a mail's subject."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
