"""Causes: what became of the advertiser's reports."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause, Tone

_SEND_OURS_EN = (
    "The advertiser must send back the value that our redirect gave in the landing page's address "
    "(click_id), "
    "unchanged."
)

_SEND_OURS_RU = (
    "Рекламодатель должен возвращать без изменений то значение, которое наш редирект передал в адресе "
    "посадочной страницы (click_id)."
)


MISSING_CLICK_ID: Final = Cause(
    "report_without_click_id",
    "The advertiser reported at {report_at}, but without a click ID.",
    "Рекламодатель сообщил о конверсии {report_at}, но без click ID.",
    _SEND_OURS_EN,
    _SEND_OURS_RU,
    "A report with this transaction ID has no click ID, and neither its txid nor its customer ID "
    "leads to one.",
)

UNREPLACED: Final = Cause(
    "report_unreplaced_macro",
    "The advertiser reported at {report_at} with a macro in place of a value: “{claimed}”.",
    "Рекламодатель сообщил о конверсии {report_at}, но вместо значения стоит макрос: «{claimed}».",
    "In the advertiser's system the URL needs that system's own name for the value; correct it and have the "
    "report sent again.",
    "В URL в системе рекламодателя нужно имя этого значения в той системе; исправьте и отправьте "
    "отчёт снова.",
    "The verdict is `unreplaced_macro`: click ID, txid, goal, status, amount or currency came as a macro.",
)

MALFORMED_ID: Final = Cause(
    "report_other_id",
    "The advertiser reported at {report_at} with “{claimed}”, which is no click ID of ours.",
    "Рекламодатель сообщил о конверсии {report_at} с «{claimed}», а это не наш click ID.",
    _SEND_OURS_EN,
    _SEND_OURS_RU,
    "The verdict is `malformed_click_id`: an order number, the advertiser's own ID, or ours after a change.",
)

WRONG_SLOT: Final = Cause(
    "report_wrong_slot",
    "The advertiser reported at {report_at} with “{claimed}”, which we know as something else than a "
    "click ID.",
    "Рекламодатель сообщил о конверсии {report_at} с «{claimed}»: мы знаем это значение, но не как click ID.",
    "The parameters are mixed up: click_id must carry our click ID, txid the transaction. " + _SEND_OURS_EN,
    "Параметры перепутаны: в click_id нужен наш click ID, в txid — ID транзакции. " + _SEND_OURS_RU,
    "The verdict is `wrong_slot`: the value is a txid, an offer's ID or a sub value (the tracker's "
    "click ID).",
)

CLICK_NOT_FOUND: Final = Cause(
    "report_click_not_stored",
    "The advertiser reported at {report_at} for a click that was not stored any more.",
    "Рекламодатель сообщил о конверсии {report_at} для клика, который уже не хранится.",
    "Keep clicks longer than sales take, or have the conversion entered by hand.",
    "Храните клики дольше, чем идёт продажа, или внесите конверсию вручную.",
    "The verdict is `click_not_found`: a genuine ID, but no click.",
)

CLICK_EXPIRED: Final = Cause(
    "report_too_late",
    "The advertiser reported at {report_at}, after the offer's conversion window of {window_days} days.",
    "Рекламодатель сообщил о конверсии {report_at}, когда окно оффера ({window_days} дн.) уже закрылось.",
    "If the advertiser needs longer to validate, widen the offer's window and judge the report again.",
    "Если рекламодателю нужно больше времени, расширьте окно оффера и пересмотрите отчёт.",
    "The verdict is `click_expired`: the click was older than the offer's window when the report came.",
)

BAD_TOKEN: Final = Cause(
    "report_bad_token",
    "The advertiser's report of {report_at} was refused: its token was missing or wrong.",
    "Отчёт рекламодателя от {report_at} отклонён: токена нет или он неверный.",
    "Put one of the advertiser's current tokens into its URL; after a rotation the old one ends.",
    "Вставьте в URL рекламодателя один из действующих токенов; после смены старый перестаёт работать.",
    "The verdict is `bad_token`. The advertiser has tokens, and the report named none of them.",
)

IP_NOT_ALLOWED: Final = Cause(
    "report_ip_not_allowed",
    "The advertiser's report of {report_at} was refused: it came from an address that is not on the list.",
    "Отчёт рекламодателя от {report_at} отклонён: адрес отправителя не в списке разрешённых.",
    "Add the new server's address to the advertiser's allowed IPs, then judge the report again.",
    "Добавьте адрес нового сервера в разрешённые IP рекламодателя и пересмотрите отчёт.",
    "The verdict is `ip_not_allowed`. Usually the advertiser moved to another server.",
)

UNKNOWN_GOAL: Final = Cause(
    "report_unknown_goal",
    "The advertiser reported at {report_at} for a goal that the offer does not have.",
    "Рекламодатель сообщил {report_at} о цели, которой у оффера нет.",
    "Add a goal with this code to the offer, or have the advertiser send an existing one.",
    "Добавьте офферу цель с таким кодом или попросите рекламодателя передавать существующий.",
    "The verdict is `unknown_goal`: the detail lists the goals that there are. Without a goal in the "
    "report the "
    "base goal is meant, and the offer may have none.",
)

UNKNOWN_STATUS: Final = Cause(
    "report_unknown_status",
    "The advertiser reported at {report_at} with a status word that nobody has defined.",
    "Рекламодатель прислал {report_at} статус, который ни с чем не сопоставлен.",
    "Add the word to the advertiser's status words, then judge the report again.",
    "Добавьте это слово в статусы рекламодателя и пересмотрите отчёт.",
    "The verdict is `unknown_status`. An unknown word is never taken for approved.",
)

BAD_AMOUNT: Final = Cause(
    "report_bad_amount",
    "The advertiser reported at {report_at} with an amount that cannot be read.",
    "Рекламодатель прислал {report_at} сумму, которую нельзя прочитать.",
    "Amounts are plain decimals with a point: 12.50, without sign, blanks or thousands separators.",
    "Сумма — простое десятичное число с точкой: 12.50, без знаков, пробелов и разделителей тысяч.",
    "The verdict is `bad_amount`: `2,50`, `$2.50` and `abc` are refused and never taken for zero.",
)

BAD_CURRENCY: Final = Cause(
    "report_bad_currency",
    "The advertiser reported at {report_at} with a currency that is no ISO 4217 code.",
    "Рекламодатель прислал {report_at} валюту, которой нет в ISO 4217.",
    "Send three letters such as EUR, or leave the currency out: then it is the offer's.",
    "Передавайте три буквы, например EUR, или не передавайте валюту: тогда это валюта оффера.",
    "The verdict is `bad_currency`.",
)

MALFORMED: Final = Cause(
    "report_malformed",
    "The advertiser's report of {report_at} could not be read.",
    "Отчёт рекламодателя от {report_at} не удалось прочитать.",
    "The detail names the parameter: often two names of one field with different values, or broken encoding.",
    "В пояснении назван параметр: часто это два имени одного поля с разными значениями или сбитая кодировка.",
    "The verdict is `malformed`.",
)

OFFER_PAUSED: Final = Cause(
    "report_offer_paused",
    "The report of {report_at} was refused: the offer was paused before the click.",
    "Отчёт от {report_at} отклонён: оффер остановлен до клика.",
    "Stop sending traffic to it, or have a manager resume the offer and judge the report again.",
    "Не направляйте на него трафик или попросите менеджера включить оффер и пересмотреть отчёт.",
    "The verdict is `offer_inactive`. Clicks made before a pause still convert.",
)

AFFILIATE_PAUSED: Final = Cause(
    "report_affiliate_paused",
    "The report of {report_at} was refused: the affiliate was paused before the click.",
    "Отчёт от {report_at} отклонён: аффилиат остановлен до клика.",
    "Ask the manager why the account is paused.",
    "Спросите менеджера, почему аккаунт остановлен.",
    "The verdict is `affiliate_inactive`. Clicks made before a pause still convert.",
)

OUR_FAULT: Final = Cause(
    "report_our_fault",
    "Storing the report of {report_at} failed here; it was kept.",
    "Отчёт от {report_at} не удалось обработать по нашей вине; он сохранён.",
    "Have a manager judge it again; the server's log says what happened.",
    "Попросите менеджера пересмотреть его; в журнале сервера указано, что произошло.",
    "The verdict is `internal_error`.",
)

DUPLICATE: Final = Cause(
    "report_duplicate",
    "The report of {report_at} repeats what is known: it belongs to the conversion {conversion_id}.",
    "Отчёт от {report_at} повторяет уже известное: он относится к конверсии {conversion_id}.",
    "If it is a second sale, the advertiser must send a new txid and the goal must allow repeats.",
    "Если это вторая продажа, рекламодатель должен прислать новый txid, а цель — допускать повторы.",
    "The verdict is `duplicate`: the same txid (perhaps of another click), or a goal that counts "
    "once a click.",
)

IGNORED_STATUS: Final = Cause(
    "report_status_not_allowed",
    "The report of {report_at} asked for a change of status that reports may not make.",
    "Отчёт от {report_at} просил смену статуса, которая отчётам не разрешена.",
    "What is rejected or refunded stays so for reports; a manager can bring it back.",
    "Отклонённое или возвращённое отчёт не меняет; вернуть конверсию может менеджер.",
    "The verdict is `ignored_status`. The table of allowed changes is in docs/statuses.md.",
)

TRACKER_ID_SENT: Final = Cause(
    "tracker_id_sent",
    "The advertiser sent the tracker's click ID (“{claimed}”, our {slot}) at {report_at} instead of ours.",
    "Рекламодатель прислал {report_at} click ID трекера («{claimed}», наш {slot}) вместо нашего.",
    _SEND_OURS_EN,
    _SEND_OURS_RU,
    "A report came after the click whose click ID is the value that the click carried in this parameter.",
)

TRACKER_ID_CASE: Final = Cause(
    "tracker_id_case_changed",
    "The advertiser sent the tracker's click ID instead of ours, and in other letters: “{claimed}” for "
    "“{original}”.",
    "Рекламодатель прислал click ID трекера вместо нашего и в другом регистре: «{claimed}» вместо "
    "«{original}».",
    _SEND_OURS_EN + " Trackers with case-sensitive IDs would not know this one either.",
    _SEND_OURS_RU + " Трекер, различающий регистр, тоже не узнает такой ID.",
    "A report came after the click whose click ID differs from a value of the click in case alone.",
)

TRACKER_ID_CUT: Final = Cause(
    "tracker_id_cut",
    "The advertiser sent a piece of the tracker's click ID instead of ours: “{claimed}” of “{original}”.",
    "Рекламодатель прислал часть click ID трекера вместо нашего: «{claimed}» из «{original}».",
    _SEND_OURS_EN,
    _SEND_OURS_RU,
    "A report came after the click whose click ID is the beginning of a value of the click.",
)

OUR_ID_CUT: Final = Cause(
    "our_id_cut",
    "The advertiser sent our click ID cut to {length} of 40 characters: “{claimed}”.",
    "Рекламодатель прислал наш click ID, обрезанный до {length} символов из 40: «{claimed}».",
    "The advertiser must store 40 characters; then the report can be sent again.",
    "Рекламодатель должен хранить 40 символов; после этого отчёт можно отправить снова.",
    "A report came whose click ID is the beginning of this click's.",
)

STRAYS: Final = Cause(
    "reports_without_click",
    "No report names this click, but {count} reports of the advertiser since then lead to no click "
    "({verdicts}).",
    "Этот клик не назван ни в одном отчёте, но с тех пор отчётов рекламодателя без клика: {count} "
    "({verdicts}).",
    "Look through them under Received: this conversion may be among them, with another ID.",
    "Просмотрите их в разделе «Полученные»: эта конверсия может быть среди них, но с другим ID.",
    "Reports with the advertiser's token came after the click without a click ID, or with one that "
    "is not ours.",
)

NEVER_REPORTED: Final = Cause(
    "never_reported",
    "Nothing has been reported for this click, and nothing for this offer before or after it.",
    "По этому клику отчётов не было, и по этому офферу — ни до, ни после.",
    "The advertiser may have no URL of ours yet, or placed it at another goal. Send them the report URL and "
    "test it.",
    "Возможно, у рекламодателя ещё нет нашего URL или он стоит на другой цели. Отправьте URL и "
    "проверьте его.",
    "There is no report for the click, and none among the latest reports for its offer that the "
    "asker may see.",
)

WENT_SILENT: Final = Cause(
    "advertiser_silent",
    "Nothing has been reported for this click; the last report for the offer came before it, at {last_at}.",
    "По этому клику отчётов не было; последний отчёт по офферу пришёл раньше, {last_at}.",
    "Ask the advertiser whether their reports still go out: they stopped before this click.",
    "Спросите рекламодателя, уходят ли отчёты: они прекратились до этого клика.",
    "The latest report for the offer is older than the click.",
)

NOT_REPORTED: Final = Cause(
    "not_reported",
    "Nothing has been reported for this click, while reports for the offer keep coming (the last at "
    "{last_at}).",
    "По этому клику отчётов не было, хотя по офферу они приходят (последний {last_at}).",
    "Either there was no conversion, or the advertiser has not validated it yet. Ask with the click "
    "ID and time.",
    "Либо конверсии не было, либо рекламодатель её ещё не подтвердил. Спросите, назвав click ID и время.",
    "No report names the click, and others for the same offer came after it: the way works.",
    Tone.WAITING,
)

CONVERTED_ELSEWHERE: Final = Cause(
    "converted_on_other_click",
    "Nothing was reported for this click, but another click with the same value converted: {click_id}.",
    "По этому клику отчётов не было, но конверсия есть у другого клика с тем же значением: {click_id}.",
    "Look at that click. Two clicks with one value come from a reload, an old link, or a constant in "
    "the link.",
    "Смотрите тот клик. Два клика с одним значением — это перезагрузка, старая ссылка или константа "
    "в ссылке.",
    "Nothing was reported for the click, and another click that carries one of its values has a conversion.",
)

CAUSES: Final = (
    *(MISSING_CLICK_ID, UNREPLACED, MALFORMED_ID, WRONG_SLOT, CLICK_NOT_FOUND, CLICK_EXPIRED, BAD_TOKEN),
    *(IP_NOT_ALLOWED, UNKNOWN_GOAL, UNKNOWN_STATUS, BAD_AMOUNT, BAD_CURRENCY, MALFORMED, OFFER_PAUSED),
    *(AFFILIATE_PAUSED, OUR_FAULT, DUPLICATE, IGNORED_STATUS),
    *(TRACKER_ID_SENT, TRACKER_ID_CASE, TRACKER_ID_CUT, OUR_ID_CUT, STRAYS),
    *(NEVER_REPORTED, WENT_SILENT, NOT_REPORTED, CONVERTED_ELSEWHERE),
)
