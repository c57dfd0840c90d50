"""Causes: what may be wrong with a click."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause

SUB_UNREPLACED: Final = Cause(
    "sub_unreplaced",
    "The click's {slot} is “{value}”: the tracker did not replace its macro, so its click ID never came.",
    "В клике {slot} = «{value}»: трекер не заменил свой макрос, поэтому его click ID не пришёл.",
    "Put the macro that the tracker knows into {slot} of the tracking link; its gallery entry names it.",
    "Вставьте в {slot} ссылки тот макрос, который трекер знает; он назван в галерее трекеров.",
    "The value that came with the click is written like a macro. The postback can only return what came.",
)

SUB_IN_OTHER_SLOT: Final = Cause(
    "sub_in_other_slot",
    "The postback “{postback}” returns {returns}, which the click left empty; a value came in {slot}.",
    "Постбэк «{postback}» возвращает {returns}, но в клике это пусто; значение пришло в {slot}.",
    "Let link and postback use the same slot: return {macro}, or send the tracker's click ID in {returns}.",
    "Ссылка и постбэк должны использовать один слот: возвращайте {macro} или передавайте click ID трекера "
    "в {returns}.",
    "The slots that the postback's template names are empty in this click, and another parameter is not.",
)

SUB_MISSING: Final = Cause(
    "sub_missing",
    "The click came without the tracker's click ID: {returns}, which the postback “{postback}” returns, is "
    "empty, and so is everything else.",
    "Клик пришёл без click ID трекера: {returns}, который возвращает постбэк «{postback}», пуст, и других "
    "параметров нет.",
    "Add {returns}= with the tracker's click-ID macro to the tracking link, and check that the "
    "visitor uses it.",
    "Добавьте в ссылку {returns}= с макросом click ID трекера и проверьте, что посетители ходят по ней.",
    "The click has no parameter with a value. The link was used without one, or a page in between "
    "dropped it.",
)

SUB_CUT: Final = Cause(
    "sub_cut",
    "The click's {slot} has {length} characters, where the affiliate's other clicks all have {usual}: it was "
    "cut off.",
    "В клике {slot} содержит символов: {length}, а в других кликах аффилиата: {usual}. Значение обрезано.",
    "Look at what stands between the tracker and our link: a redirect, a short link, a form with a limit.",
    "Проверьте, что стоит между трекером и нашей ссылкой: редирект, короткая ссылка, поле с ограничением.",
    "At least five other recent clicks of the affiliate have values of one length in this slot; this "
    "is shorter.",
)

NO_ID_RETURNED: Final = Cause(
    "no_id_returned",
    "The postback “{postback}” returns nothing that came with the click, so the tracker cannot tell which "
    "click it is about.",
    "Постбэк «{postback}» не возвращает ничего из пришедшего с кликом, и трекер не может узнать свой клик.",
    "Put the slot in which the link carries the tracker's click ID, such as {{sub1}}, into the "
    "postback's URL.",
    "Вставьте в URL постбэка слот, в котором ссылка несёт click ID трекера, например {{sub1}}.",
    "The template names no sub parameter, no `source` and no `param.NAME`.",
)

CLICK_BOT: Final = Cause(
    "click_bot",
    "The click was made by a program, not by a person (agent “{agent}”); nothing follows from such clicks.",
    "Клик сделала программа, а не человек (агент «{agent}»); из таких кликов ничего не следует.",
    "Nothing is to be done for this click. If it was yours, open the link in an ordinary browser.",
    "Для этого клика делать нечего. Если это были вы, откройте ссылку в обычном браузере.",
    "The user agent is that of a known bot, a checker or a preview, or the request was a HEAD.",
)

CLICK_PREFETCH: Final = Cause(
    "click_prefetch",
    "The click is a prefetch: a browser fetched the link before anybody clicked it.",
    "Это предзагрузка: браузер запросил ссылку до того, как по ней кликнули.",
    "Nothing is to be done: the real click, if there was one, has a click ID of its own.",
    "Делать ничего не нужно: у настоящего клика, если он был, свой click ID.",
    "The browser said so in `Sec-Purpose` or a header like it.",
)

CLICK_REPEATED: Final = Cause(
    "click_repeated",
    "The click repeats one of the same visitor on the same link; the offer pays for clicks, and only the "
    "first one counts.",
    "Клик повторяет клик того же посетителя по той же ссылке; оффер платит за клики, и засчитан "
    "только первый.",
    "Nothing is to be done. The window is a setting of the installation.",
    "Делать ничего не нужно. Длина окна — настройка установки.",
    "Same link, IP and agent within the window for duplicates, at an offer that pays for clicks.",
)

CAUSES: Final = (
    *(SUB_UNREPLACED, SUB_IN_OTHER_SLOT, SUB_MISSING, SUB_CUT, NO_ID_RETURNED),
    *(CLICK_BOT, CLICK_PREFETCH, CLICK_REPEATED),
)
