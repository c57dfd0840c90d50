"""What people are told about an incident, in English and Russian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redound.core.tools.words import Words
from redound.core.watch.kinds import Evidence, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.trace.causes import Language

TITLES: Final[Mapping[Kind, Words]] = {
    Kind.DELIVERIES_FAILING: Words("Deliveries are failing", "Доставки не проходят"),
    Kind.REPORTS_SILENT: Words("Reports have stopped", "Отчёты перестали приходить"),
    Kind.CLICK_IDS_UNMATCHED: Words("Click IDs do not match", "Click ID не находятся"),
    Kind.DUPLICATES: Words("Unusually many duplicates", "Необычно много дублей"),
    Kind.CONVERSION_RATE: Words("Unusual conversion rate", "Необычная конверсия"),
}

_SHOWN: Final[Mapping[Kind, Words]] = {
    Kind.DELIVERIES_FAILING: Words(
        "{hits} of {total} callbacks that were tried in the last {hours} h failed ({share}).",
        "За последние {hours} ч не прошли {hits} из {total} постбэков ({share}).",
    ),
    Kind.REPORTS_SILENT: Words(
        "Reports in the last {hours} h: {total}; about {expected} were to be expected.",
        "Отчётов за последние {hours} ч: {total}; ожидалось около {expected}.",
    ),
    Kind.CLICK_IDS_UNMATCHED: Words(
        "The click ID was missing or unknown in {hits} of {total} reports in the last {hours} h ({share}).",
        "За последние {hours} ч в {hits} из {total} отчётов click ID не было или он неизвестен ({share}).",
    ),
    Kind.DUPLICATES: Words(
        "{hits} of {total} reports in the last {hours} h were duplicates ({share}).",
        "За последние {hours} ч дублями были {hits} из {total} отчётов ({share}).",
    ),
    Kind.CONVERSION_RATE: Words(
        "{hits} conversions of {total} clicks in the last {hours} h ({share}); "
        "about {expected} were to be expected.",
        "За последние {hours} ч конверсий {hits} на {total} кликов ({share}); ожидалось около {expected}.",
    ),
}

_USUAL: Final = Words("Usually it is {usual}.", "Обычно — {usual}.")
_NEW: Final = Words("There is too little to compare with.", "Сравнить пока не с чем.")

_CLOSED: Final[Mapping[str, Words]] = {
    "recovered": Words("It is as usual again.", "Всё снова как обычно."),
    "quiet": Words("Nothing has come for a day, so it was closed.", "Сутки ничего не было, поэтому закрыто."),
    "switched_off": Words("It was switched off, so it was closed.", "Выключено, поэтому закрыто."),
}

_ADVICE: Final[Mapping[Kind, Words]] = {
    Kind.DELIVERIES_FAILING: Words(
        "Look at what the receiver answers in the delivery log, and send a test.",
        "Посмотрите в журнале доставок, что отвечает приёмник, и отправьте тест.",
    ),
    Kind.REPORTS_SILENT: Words(
        "Ask the advertiser whether they still call our URL, and look at what was received last.",
        "Спросите рекламодателя, вызывается ли наш адрес, и посмотрите последние полученные отчёты.",
    ),
    Kind.CLICK_IDS_UNMATCHED: Words(
        "Look at received reports with these verdicts: the click ID is in another parameter, cut, or "
        "its macro was not replaced.",
        "Посмотрите отчёты с такими вердиктами: click ID в другом параметре, обрезан или макрос не заменён.",
    ),
    Kind.DUPLICATES: Words(
        "The advertiser may be sending every report twice, or repeats of a goal are not allowed here.",
        "Возможно, рекламодатель шлёт каждый отчёт дважды или повторы цели здесь не разрешены.",
    ),
    Kind.CONVERSION_RATE: Words(
        "Look whether the landing page, the goal or the traffic changed: compare by affiliate and link.",
        "Проверьте, не изменились ли лендинг, цель или трафик: сравните по аффилиатам и ссылкам.",
    ),
}


def title(kind: Kind, language: Language = "en") -> str:
    """Return what kind of incident it is."""
    return TITLES[kind].text(language)


def advice(kind: Kind, language: Language = "en") -> str:
    """Return what to do about it."""
    return _ADVICE[kind].text(language)


def shown_by(kind: Kind, evidence: Evidence, language: Language = "en") -> str:
    """Return the sentences about what was counted."""
    details = {
        "hours": evidence.hours,
        "total": evidence.total,
        "hits": evidence.hits,
        "share": percent(evidence.share, language),
        "expected": round(evidence.expected or 0),
    }
    sentence = _SHOWN[kind].text(language, **details)
    if kind is Kind.REPORTS_SILENT:
        return sentence
    if evidence.usual is None:
        return f"{sentence} {_NEW.text(language)}"
    return f"{sentence} {_USUAL.text(language, usual=percent(evidence.usual, language))}"


def closed_because(because: str, language: Language = "en") -> str:
    """Return why an incident is over."""
    return _CLOSED[because].text(language)


def told(data: Mapping[str, Any], language: Language = "en") -> tuple[str, str] | None:
    """Return title and text of a notice, from what is stored with it; None for what cannot be read."""
    try:
        kind = Kind(data["kind"])
        if "because" in data:
            text = closed_because(data["because"], language)
        else:
            text = f"{shown_by(kind, Evidence(**data['evidence']), language)} {advice(kind, language)}"
    except (KeyError, TypeError, ValueError):
        return None
    name = str(data.get("name", ""))
    return (f"{title(kind, language)}: {name}" if name else title(kind, language)), text


def percent(share: float, language: Language = "en") -> str:
    """Return a share in percent, with a decimal below ten."""
    value = f"{share * 100:.1f}" if share < 0.0995 else f"{share * 100:.0f}"  # noqa: PLR2004 - shown as 10
    value = value.removesuffix(".0")
    return f"{value.replace('.', ',')} %" if language == "ru" else f"{value} %"
