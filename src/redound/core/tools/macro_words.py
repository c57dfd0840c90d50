"""What every macro and modifier means, in both languages. The English of macros is the registry's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.macros import ADV_SUBS, SUBS, find
from redound.core.tools.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.trace.causes import Language

_NUMBER = re.compile(r"(\d+)$")

RUSSIAN: Final[Mapping[str, str]] = {
    "click_id": "Наш ID клика",
    **{name: f"Sub ID {_NUMBER.findall(name)[0]} ссылки аффилиата" for name in SUBS},
    "source": "Источник трафика, `source` в ссылке аффилиата",
    "country": "Страна посетителя, две буквы; пусто без файла GeoIP",
    "ip": "IP-адрес посетителя",
    "user_agent": "Браузер посетителя, как он себя называет",
    "referrer": "Страница, с которой пришёл посетитель",
    "click_time": "Когда был клик",
    "affiliate_id": "ID аффилиата",
    "affiliate_name": "Имя аффилиата",
    "offer_id": "ID оффера",
    "offer_name": "Название оффера",
    "brand_id": "ID бренда",
    "brand_name": "Название бренда",
    "campaign_id": "ID кампании",
    "campaign_name": "Название кампании",
    "link_id": "ID ссылки аффилиата",
    "goal": "Код достигнутой цели",
    "goal_id": "ID цели",
    "goal_name": "Название цели",
    "event_type": "Вид цели (registration, first_deposit, …) или `click`",
    "conversion_id": "Наш ID конверсии",
    "txid": "Собственный ID транзакции рекламодателя",
    "operation": "`create` для новой конверсии, потом `update`, для клика `click`",
    "status": "Нынешний статус: pending, hold, approved, rejected, refunded",
    "status_word": "Статус словом самого рекламодателя",
    "previous_status": "Прежний статус; пусто у новой конверсии",
    "payout": "Сколько зарабатывает аффилиат, десятичное число",
    "payout_minor": "То же в минимальных единицах (центах)",
    "revenue": "Сколько платит нам рекламодатель, десятичное число",
    "amount": "Сумма из отчёта рекламодателя, десятичное число",
    "payout_delta": "Насколько это изменение увеличивает заработок аффилиата; с минусом, если уменьшает",
    "amount_delta": "То же для суммы рекламодателя: -99.90 при возврате",
    "currency": "Валюта выплаты, иначе суммы (ISO 4217)",
    "customer_id": "ID клиента у рекламодателя",
    **{name: f"Sub ID {_NUMBER.findall(name)[0]} отчёта рекламодателя" for name in ADV_SUBS},
    "conversion_time": "Когда конверсия была впервые принята",
    "event_time": "Когда случилось то, о чём сообщаем: смена статуса или клик",
    "test": "`1` у теста, иначе пусто",
    "postback_id": "ID этого постбэка",
    "delivery_id": "ID доставки, один и тот же при каждой попытке",
    "attempt": "Номер попытки, начиная с 1",
    "timestamp": "Момент этой попытки в секундах Unix",
    "random": "Случайный текст, при каждой попытке другой",
    "sig": "Подпись подписанного GET-запроса",
    "param.NAME": "Любой другой параметр ссылки аффилиата, по его имени",
}

MODIFIERS: Final[Mapping[str, tuple[str, Words]]] = {
    "upper": ("{country|upper}", Words("In capitals", "Заглавными буквами")),
    "lower": ("{goal|lower}", Words("In small letters", "Строчными буквами")),
    "raw": (
        "{sub1|raw}",
        Words(
            "For values that are encoded already: what may stand there is left as it is",
            "Для уже закодированных значений: допустимое остаётся как есть",
        ),
    ),
    "default": ("{sub2|default:none}", Words("This when it is empty", "Это значение, если пусто")),
    "map": (
        "{status|map:approved=1,rejected=2}",
        Words("Another word for each value", "Другое слово для каждого значения"),
    ),
    "date": ("{event_time|date:%Y-%m-%d}", Words("A time in this form, UTC", "Время в этом виде, UTC")),
    "unix": ("{event_time|unix}", Words("A time in Unix seconds", "Время в секундах Unix")),
    "ms": ("{event_time|ms}", Words("A time in Unix milliseconds", "Время в миллисекундах Unix")),
    "int": ("{payout|int}", Words("A number without its decimals", "Число без дробной части")),
    "truncate": ("{user_agent|truncate:50}", Words("The first n characters", "Первые n символов")),
    "md5": ("{customer_id|md5}", Words("MD5 as hex digits", "MD5 шестнадцатеричными цифрами")),
    "sha256": ("{customer_id|sha256}", Words("SHA-256 as hex digits", "SHA-256 шестнадцатеричными цифрами")),
    "base64": ("{sub1|base64}", Words("Base64", "Base64")),
}
"""Every modifier with an example of its use."""


def meaning(name: str, language: Language = "en") -> str:
    """Return what a macro of the registry means."""
    return RUSSIAN[name] if language == "ru" else find(name).meaning
