# ruff: noqa: E501 - one line a sentence
"""What is said about macros and about what a tracker expects: code → severity, English, Russian."""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str, str]]] = {
    "unknown_macro": (
        "error",
        "There is no macro %(macro)s.",
        "Макроса %(macro)s нет.",
    ),
    "unknown_macro.near": (
        "error",
        "There is no macro %(macro)s; did you mean %(names)s?",
        "Макроса %(macro)s нет; может быть, %(names)s?",
    ),
    "unknown_macro.ambiguous": (
        "error",
        "%(macro)s has several meanings: write %(readings)s.",
        "%(macro)s на разных платформах означает разное: пишите %(names)s.",
    ),
    "unknown_macro.link": (
        "error",
        "There is no macro %(macro)s; your link carries the tracker's click ID in %(names)s.",
        "Макроса %(macro)s нет; ваша ссылка передаёт ID клика трекера в %(names)s.",
    ),
    "unknown_modifier": (
        "error",
        "There is no modifier %(modifier)s; there are %(names)s.",
        "Модификатора %(modifier)s нет; есть %(names)s.",
    ),
    "bad_modifier": (
        "error",
        "The modifier %(modifier)s cannot be used like this in %(macro)s.",
        "Модификатор %(modifier)s нельзя так использовать в %(macro)s.",
    ),
    "macro_not_visible": (
        "error",
        "%(macro)s is the manager's: an affiliate's postback cannot send it.",
        "%(macro)s доступен только менеджеру: постбэк аффилиата не может его отправить.",
    ),
    "foreign_macro": (
        "error",
        "%(macro)s is another platform's way of writing and would be sent as it stands; macros here look like %(names)s.",
        "%(macro)s — запись другой платформы и ушла бы как есть; макросы здесь выглядят так: %(names)s.",
    ),
    "foreign_macro.alias": (
        "info",
        "%(macro)s is another platform's name and works; here it is called %(names)s.",
        "%(macro)s — имя с другой платформы, оно работает; здесь это %(names)s.",
    ),
    "mixed_macro_styles": (
        "warning",
        "Macros are written in different styles (%(styles)s): parts of several URLs may have been put together.",
        "Макросы записаны в разных стилях (%(styles)s): похоже, соединены части разных URL.",
    ),
    "unbalanced_macro": (
        "error",
        "The macro that begins or ends with this %(mark)s is not complete.",
        "Макрос, который начинается или заканчивается этим %(mark)s, неполный.",
    ),
    "empty_macro": (
        "error",
        "There is no name between these marks.",
        "Между этими знаками нет имени.",
    ),
    "encoded_macro": (
        "error",
        "%(macro)s is percent-encoded, so it is not recognised as a macro and would be sent as it stands.",
        "%(macro)s закодирован через %%, поэтому не распознаётся как макрос и ушёл бы как есть.",
    ),
    "space_in_macro": (
        "error",
        "There are blanks inside %(macro)s; write macros without them.",
        "Внутри %(macro)s есть пробелы; макросы пишутся без них.",
    ),
    "placeholder_left": (
        "error",
        "%(value)s was to be replaced, and would be sent as it stands.",
        "%(value)s нужно было заменить, а сейчас оно ушло бы как есть.",
    ),
    "literal_for_macro": (
        "error",
        "%(value)s is the name of a macro without braces and would be sent as that word.",
        "%(value)s — имя макроса без скобок, ушло бы само это слово.",
    ),
    "literal_option_list": (
        "error",
        "%(value)s is the list of possible values from a manual, not a value.",
        "%(value)s — список возможных значений из инструкции, а не значение.",
    ),
    "composite_number": (
        "error",
        "%(name)s is to be a number, and %(value)s is more than one value.",
        "%(name)s должно быть числом, а %(value)s — больше чем одно значение.",
    ),
    "tracker_macro": (
        "error",
        "%(macro)s is filled by %(tracker)s in your link, not here: return the slot that your link carries it in.",
        "%(macro)s подставляет %(tracker)s в вашей ссылке, а не здесь: верните слот, в котором ссылка его передаёт.",
    ),
    "currency_symbol": (
        "error",
        "A currency sign in %(name)s makes it unreadable as a number; the currency has a parameter of its own.",
        "Знак валюты в %(name)s мешает прочитать число; для валюты есть отдельный параметр.",
    ),
    "no_click_id": (
        "error",
        "Nothing in this URL tells the tracker which click it is about.",
        "Ничто в этом URL не говорит трекеру, о каком клике речь.",
    ),
    "slot_mismatch": (
        "error",
        "The tracker's click ID arrives in %(wanted)s, but %(macro)s is returned.",
        "ID клика трекера приходит в %(wanted)s, а возвращается %(macro)s.",
    ),
    "slot_mismatch.absent": (
        "error",
        "Your link does not carry %(slot)s, so %(macro)s will be empty.",
        "Ваша ссылка не передаёт %(slot)s, поэтому %(macro)s будет пустым.",
    ),
    "slot_differs": (
        "warning",
        "Your link carries the tracker's click ID in %(slot)s, but %(macro)s is returned: verify that it is the same.",
        "Ваша ссылка передаёт ID клика трекера в %(slot)s, а возвращается %(macro)s: проверьте, что это одно и то же.",
    ),
    "slot_differs.verify": (
        "info",
        "Your link carries %(value)s in %(slot)s: verify that it is the tracker's click ID.",
        "Ваша ссылка передаёт в %(slot)s значение %(value)s: проверьте, что это ID клика трекера.",
    ),
    "case_differs": (
        "error",
        "Macro names are case-sensitive: write %(names)s instead of %(macro)s.",
        "Имена макросов чувствительны к регистру: пишите %(names)s, а не %(macro)s.",
    ),
    "case_differs.link": (
        "error",
        "Names are case-sensitive: your link has %(slot)s, but %(macro)s is returned.",
        "Имена чувствительны к регистру: в ссылке %(slot)s, а возвращается %(macro)s.",
    ),
    "network_id_as_click_id": (
        "warning",
        "%(macro)s is our own ID, but in %(name)s a tracker expects its click ID, which your link carries in a sub slot.",
        "%(macro)s — наш собственный ID, а в %(name)s трекер ждёт свой ID клика, который ваша ссылка передаёт в sub-слоте.",
    ),
    "missing_status": (
        "info",
        "The tracker is not told the status of the conversion.",
        "Трекеру не сообщается статус конверсии.",
    ),
    "missing_status.several": (
        "warning",
        "This postback fires for several %(what)s and does not tell the tracker which: add {status}.",
        "Постбэк срабатывает для нескольких %(what_ru)s и не сообщает трекеру, что именно: добавьте {status}.",
    ),
    "missing_status.sale": (
        "warning",
        "Without a status %(tracker)s records every conversion as a sale.",
        "Без статуса %(tracker)s запишет любую конверсию как продажу.",
    ),
    "constant_status": (
        "info",
        "The status is always %(value)s, whatever becomes of the conversion.",
        "Статус всегда %(value)s, что бы ни стало с конверсией.",
    ),
    "constant_status.several": (
        "warning",
        "This postback fires for several statuses, but always says %(value)s: write {status}.",
        "Постбэк срабатывает для нескольких статусов, но всегда сообщает %(value)s: пишите {status}.",
    ),
    "missing_payout": (
        "info",
        "The tracker is not told the payout.",
        "Трекеру не сообщается выплата.",
    ),
    "constant_payout": (
        "info",
        "The payout is always %(value)s, whatever the conversion earns.",
        "Выплата всегда %(value)s, сколько бы ни принесла конверсия.",
    ),
    "constant_payout.several": (
        "warning",
        "This postback fires for several goals, but the payout is always %(value)s.",
        "Постбэк срабатывает для нескольких целей, но выплата всегда %(value)s.",
    ),
    "missing_currency": (
        "info",
        "The tracker is not told the currency of the payout.",
        "Трекеру не сообщается валюта выплаты.",
    ),
    "missing_txid": (
        "info",
        "The tracker gets no transaction ID to tell repeated conversions of a click apart.",
        "Трекер не получает ID транзакции, чтобы различать повторные конверсии одного клика.",
    ),
    "unstable_txid": (
        "warning",
        "%(macro)s changes with every attempt, so a retry would count as another conversion; {conversion_id} stays the same.",
        "%(macro)s меняется с каждой попыткой, и повтор был бы засчитан как новая конверсия; {conversion_id} остаётся прежним.",
    ),
    "secret_in_url": (
        "warning",
        "%(name)s looks like a secret, and URLs are stored and logged; if the tracker can, send it in a header.",
        "%(name)s похоже на секрет, а URL сохраняются и попадают в журналы; если трекер умеет, передавайте его в заголовке.",
    ),
    "wrong_click_param": (
        "error",
        "%(tracker)s expects its click ID in %(wanted)s, not in %(name)s.",
        "%(tracker)s ждёт свой ID клика в %(wanted)s, а не в %(name)s.",
    ),
    "wrong_click_param.absent": (
        "error",
        "%(tracker)s expects its click ID in %(wanted)s, which is not there.",
        "%(tracker)s ждёт свой ID клика в %(wanted)s, а его здесь нет.",
    ),
    "wrong_endpoint": (
        "warning",
        "%(tracker)s takes postbacks at %(wanted)s, not at %(path)s.",
        "%(tracker)s принимает постбэки по адресу %(wanted)s, а не %(path)s.",
    ),
    "looks_like_offer_link": (
        "warning",
        "This looks like a link for visitors, not like a tracker's postback URL.",
        "Похоже на ссылку для посетителей, а не на postback URL трекера.",
    ),
    "status_param_typo": (
        "warning",
        "The parameter %(name)s is probably a slip for %(wanted)s.",
        "Параметр %(name)s — вероятно, опечатка вместо %(wanted)s.",
    ),
    "lookalike_param": (
        "error",
        "The parameter name %(name)s has letters of another alphabet (%(letters)s).",
        "В имени параметра %(name)s есть буквы другого алфавита (%(letters)s).",
    ),
}
