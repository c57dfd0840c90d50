"""The control of a test: the same request with a click ID that is known to be wrong.

Many trackers answer 200 to anything. Only when they answer a wrong click ID differently does their answer to
the right one prove something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING, Final

from redound.core.lint.cells import identifies
from redound.core.lint.roundtrip import returned
from redound.core.lint.subject import LintContext, look
from redound.core.macros import resolve
from redound.core.styles import find_macros
from redound.core.tools.words import Words
from redound.core.trace.rules.answers import says

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redound.core.catalog import Postback
    from redound.core.trace.causes import Language
    from redound.core.trace.facts import Attempt

_ALPHABETS: Final = (digits, ascii_lowercase, ascii_uppercase)
_CHANGING: Final = re.compile(r"\d+(?:[.:,-]\d+)*")


class Conclusion(StrEnum):
    """What right and wrong request together show about the receiver."""

    TELLS_APART = "tells_apart"
    ANSWERS_DIFFER = "answers_differ"
    ACCEPTS_ANYTHING = "accepts_anything"
    REFUSES_BOTH = "refuses_both"
    REFUSES_RIGHT = "refuses_right"
    NO_ANSWER = "no_answer"
    NO_CLICK_ID = "no_click_id"


_SENTENCES: Final[Mapping[Conclusion, Words]] = {
    Conclusion.TELLS_APART: Words(
        "The tracker took the real click ID and refused a wrong one: it knew the click.",
        "Трекер принял настоящий click ID и отклонил неверный: клик ему известен.",
    ),
    Conclusion.ANSWERS_DIFFER: Words(
        "The tracker took both, but answered differently. Read both answers: one of them may say no.",
        "Трекер принял оба запроса, но ответил по-разному. Прочитайте оба ответа: один может быть отказом.",
    ),
    Conclusion.ACCEPTS_ANYTHING: Words(
        "The tracker answers a wrong click ID just like the real one, so its answer proves nothing. Look for "
        "the test in the tracker's own log of conversions.",
        "Трекер отвечает на неверный click ID так же, как на настоящий: его ответ ничего не доказывает. "
        "Проверьте тест в журнале конверсий самого трекера.",
    ),
    Conclusion.REFUSES_BOTH: Words(
        "The tracker refused both: it does not know the click, or address, key or parameters are wrong.",
        "Трекер отклонил оба запроса: он не знает этот клик, либо неверны адрес, ключ или параметры.",
    ),
    Conclusion.REFUSES_RIGHT: Words(
        "The tracker refused the real click ID and took a wrong one. It may have had this click's conversion "
        "already: try it with a fresh click.",
        "Трекер отклонил настоящий click ID и принял неверный. Возможно, конверсия этого клика у него уже "
        "есть: повторите с новым кликом.",
    ),
    Conclusion.NO_ANSWER: Words(
        "One of the two requests got no answer, so there is nothing to compare. Try again.",
        "Один из двух запросов остался без ответа, сравнивать нечего. Повторите.",
    ),
    Conclusion.NO_CLICK_ID: Words(
        "The request returns no click ID of the tracker, so there was nothing to make wrong. Put the slot in "
        "which the tracker's click ID arrives into the URL, and test with a click that carries one.",
        "Запрос не возвращает click ID трекера, подменять нечего. Добавьте в URL слот, в котором приходит "
        "click ID трекера, и проверьте на клике, где он есть.",
    ),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """The values of the control, and which of them are wrong: macro → the value that was put in."""

    values: Mapping[str, str]
    changed: Mapping[str, str]


def sentence(conclusion: Conclusion, language: Language = "en") -> str:
    """Return what a conclusion means and what to do next."""
    return _SENTENCES[conclusion].text(language)


def returned_names(postback: Postback) -> tuple[str, ...]:
    """Return the macros by which a postback tells the tracker its click: those in the click parameter.

    Where no parameter is known to be that, all macros that can identify a click.
    """
    names = [name for _, name in returned(look(postback.url, LintContext()))]
    if not names:
        texts = (postback.url, *(pair.value for pair in postback.params if not pair.secret), postback.body)
        found = (resolve(macro.name) for text in texts for macro in find_macros(text))
        names = [name for name in found if name is not None and identifies(name)]
    return tuple(dict.fromkeys(names))


def make_wrong(values: Mapping[str, str], names: Iterable[str], seed: bytes) -> Wrong | None:
    """Return the values with wrong click IDs, None when none of the names has a value.

    A wrong value has the length and the kinds of characters of the right one, so that the tracker judges
    what it knows, not the form.
    """
    changed = {name: wrong_like(values[name], seed) for name in names if values.get(name)}
    return Wrong({**values, **changed}, changed) if changed else None


def wrong_like(value: str, seed: bytes) -> str:
    """Return another value of the same form; every letter and digit is another one."""
    found = []
    for place, character in enumerate(value):
        noise = blake2b(place.to_bytes(4, "big") + value.encode("utf-8", "replace"), key=seed, digest_size=4)
        alphabet = next((each for each in _ALPHABETS if character in each), "")
        if not alphabet:
            found.append(character)
            continue
        step = 1 + int.from_bytes(noise.digest(), "big") % (len(alphabet) - 1)
        found.append(alphabet[(alphabet.index(character) + step) % len(alphabet)])
    made = "".join(found)
    return made if made != value else f"{value}0"


def conclude(right: Attempt, wrong: Attempt, own: Iterable[str] = ()) -> Conclusion:
    """Compare the two answers. `own` are values of ours that an answer may echo: they make no difference."""
    if right.status is None or wrong.status is None:
        return Conclusion.NO_ANSWER
    took_right, took_wrong = _took(right), _took(wrong)
    if not took_right:
        return Conclusion.REFUSES_RIGHT if took_wrong else Conclusion.REFUSES_BOTH
    if not took_wrong:
        return Conclusion.TELLS_APART
    echoes = sorted({value for value in own if value}, key=len, reverse=True)
    if _bare(right.body, echoes) != _bare(wrong.body, echoes) or right.status != wrong.status:
        return Conclusion.ANSWERS_DIFFER
    return Conclusion.ACCEPTS_ANYTHING


def _took(attempt: Attempt) -> bool:
    """Whether an answer says yes, by its status, the postback's rules and its words."""
    return not attempt.error_kind and says(attempt.body) is None


def _bare(body: str, echoes: Iterable[str]) -> str:
    """Return an answer without echoes of what was sent, and without numbers: times and counters change."""
    for value in echoes:
        body = body.replace(value, "•")
    return _CHANGING.sub("•", body).strip()
