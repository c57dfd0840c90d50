"""Causes: what was asked for is no ID, or a changed one."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause

ASKED_MACRO: Final = Cause(
    "asked_macro",
    "“{asked}” is a macro or placeholder that nobody replaced, not a value.",
    "«{asked}» — это макрос или заглушка, которую никто не заменил, а не значение.",
    "Find the URL in which it stands and give the system that should replace it the name that it knows.",
    "Найдите URL, в котором он стоит, и впишите имя, известное системе, которая должна его заменить.",
    "The text asked for is written like a macro: `{sub1}`, `[CLICKID]`, `#s2#`, `REPLACE`. If it "
    "stands where an "
    "ID should, the URL was pasted without being set up, or through a system that does not know the name.",
)

ID_CUT: Final = Cause(
    "id_cut",
    "“{asked}” is only the beginning of our click ID {click_id}: it was cut after {length} of 40 characters.",
    "«{asked}» — только начало нашего click ID {click_id}: обрезано после {length}-го символа из 40.",
    "Let the system that keeps it store 40 characters; fields of 32 or 36 are the usual reason.",
    "Система, которая его хранит, должна сохранять 40 символов; обычно поле вмещает только 32 или 36.",
    "The text is a beginning of the ID of a stored click. Somewhere on its way a field was too short.",
)

ID_LENGTHENED: Final = Cause(
    "id_lengthened",
    "“{asked}” holds our click ID {click_id}, with something added to it.",
    "«{asked}» содержит наш click ID {click_id}, но к нему что-то добавлено.",
    "Send the 40 characters alone: no prefix, no quotes, no second parameter stuck to it.",
    "Передавайте только эти 40 символов: без префикса, кавычек и приклеившегося второго параметра.",
    "A genuine click ID stands inside a longer text: often a missing `&`, a prefix, quotes or two "
    "IDs in one field.",
)

ID_MISREAD: Final = Cause(
    "id_misread",
    "“{asked}” is our click ID {click_id} with letters mistaken for one another (o and 0, i, l and 1).",
    "«{asked}» — наш click ID {click_id}, в котором перепутаны похожие символы (o и 0, i, l и 1).",
    "Copy IDs instead of typing them. Our click IDs have no i, l, o and u.",
    "Копируйте ID, а не набирайте их. В наших click ID нет букв i, l, o и u.",
    "With such letters replaced the text becomes a genuine click ID.",
)

ID_ALTERED: Final = Cause(
    "id_altered",
    "“{asked}” is not our click ID, but shares its first half with {click_id}: characters were changed.",
    "«{asked}» — не наш click ID, но первая половина совпадает с {click_id}: символы были изменены.",
    "Find the system between us and whoever sends it that rewrites IDs, and let it pass them on as they are.",
    "Найдите систему, которая переписывает ID по дороге к нам, и пусть она передаёт их как есть.",
    "The text has our form but fails its check, and a stored click has the same beginning.",
)

ID_FORGED: Final = Cause(
    "id_forged",
    "“{asked}” looks like a click ID of ours but fails its check: it was changed, made up, or is another "
    "installation's.",
    "«{asked}» похоже на наш click ID, но не проходит проверку: его изменили, выдумали или он из другой "
    "установки.",
    "Take the ID from the click itself: it stands in the address of the landing page.",
    "Возьмите ID из самого клика: он есть в адресе посадочной страницы.",
    "Click IDs carry a signature. This one has 40 characters of our alphabet, but the signature is wrong.",
)

ID_NOT_STORED: Final = Cause(
    "id_not_stored",
    "It is a click ID of ours, made on {made_at} for the link {link}, but the click is not stored any more.",
    "Это наш click ID, созданный {made_at} для ссылки {link}, но клик больше не хранится.",
    "Report conversions while clicks are kept. If that was the case, a manager can enter the "
    "conversion by hand.",
    "Сообщайте о конверсиях, пока клики хранятся. Если срок не вышел, конверсию может внести менеджер.",
    "The ID is genuine and tells its link and its time; the click is older than the retention period, or its "
    "database was restored from an earlier backup.",
)

NOTHING_KNOWN: Final = Cause(
    "nothing_known",
    "Nothing is known under “{asked}”: no click, no sub value, no transaction ID, no report.",
    "Под «{asked}» ничего не известно: ни клика, ни значения sub, ни ID транзакции, ни отчёта.",
    "Copy the value whole. If it is a tracker's click ID, check that the visitor used the tracking link and "
    "that the link carries the tracker's macro in a sub parameter.",
    "Скопируйте значение целиком. Если это click ID трекера, проверьте, что посетитель перешёл по ссылке "
    "и что в ней макрос трекера стоит в параметре sub.",
    "Neither our tables nor the index of sub values know the text, or what it belongs to is somebody else's. "
    "A click that never reached us is the usual reason: the link was not used, or a page before it lost it.",
)

CAUSES: Final = (
    *(ASKED_MACRO, ID_CUT, ID_LENGTHENED, ID_MISREAD, ID_ALTERED, ID_FORGED, ID_NOT_STORED),
    NOTHING_KNOWN,
)
