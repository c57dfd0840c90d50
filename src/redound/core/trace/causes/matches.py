"""Causes: why no postback answered to a conversion."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause, Tone

_SEND_NOW_EN = "What it missed can be sent now: see the postback's backfill."

_SEND_NOW_RU = "Пропущенное можно отправить сейчас: см. досылку в постбэке."


NO_POSTBACK: Final = Cause(
    "no_postback",
    "The conversion was accepted, but there is no postback that it could fire.",
    "Конверсия принята, но нет ни одного постбэка, который мог бы сработать.",
    "Create a postback. Conversions from before can be sent afterwards.",
    "Создайте постбэк. Прежние конверсии можно будет дослать.",
    "No postback was considered for the conversion, and the affiliate has none now.",
)

MADE_LATER: Final = Cause(
    "postback_made_later",
    "The postback “{postback}” was made at {made_at}, after the conversion of {converted_at}.",
    "Постбэк «{postback}» создан {made_at}, уже после конверсии от {converted_at}.",
    _SEND_NOW_EN,
    _SEND_NOW_RU,
    "The postback was not among those considered, is younger than the conversion, and would fire for "
    "it today.",
)

OFF: Final = Cause(
    "postback_off",
    "The postback “{postback}” is switched off, so it skipped the conversion.",
    "Постбэк «{postback}» выключен и поэтому пропустил конверсию.",
    "Switch it on. " + _SEND_NOW_EN,
    "Включите его. " + _SEND_NOW_RU,
    "Everything else about the conversion was as the postback wants it.",
)

OFF_THEN: Final = Cause(
    "postback_was_off",
    "The postback “{postback}” was switched off when the conversion came at {converted_at}; it is on now.",
    "Постбэк «{postback}» был выключен, когда пришла конверсия ({converted_at}); сейчас он включён.",
    _SEND_NOW_EN,
    _SEND_NOW_RU,
    "It was skipped as switched off, and the postback is enabled today.",
)

NOT_ENABLED: Final = Cause(
    "postbacks_not_enabled",
    "Postbacks are not enabled for the affiliate, so none was sent.",
    "Постбэки для аффилиата не включены, поэтому ничего не отправлено.",
    "A manager has to enable postbacks for the affiliate; what was skipped can then be sent.",
    "Менеджер должен включить постбэки аффилиату; после этого пропущенное можно дослать.",
    "The affiliate's switch for postbacks was off when the conversion came.",
)

ON_HOLD: Final = Cause(
    "status_on_hold",
    "The conversion is on hold (until {until_at}); the postback “{postback}” waits for {wanted}.",
    "Конверсия на удержании (до {until_at}); постбэк «{postback}» ждёт статуса: {wanted}.",
    "Wait for the hold to end, or list hold among the postback's statuses to hear of it at once.",
    "Дождитесь конца удержания или добавьте hold в статусы постбэка, чтобы узнавать сразу.",
    "The conversion's status is hold, which the postback does not list.",
    Tone.WAITING,
)

PENDING: Final = Cause(
    "status_pending",
    "The conversion is still pending; the postback “{postback}” waits for {wanted}.",
    "Конверсия ещё не подтверждена (pending); постбэк «{postback}» ждёт статуса: {wanted}.",
    "It fires when the conversion is approved. To hear of it earlier, list pending among its statuses.",
    "Он сработает после подтверждения. Чтобы узнавать раньше, добавьте pending в его статусы.",
    "The conversion's status is pending, which the postback does not list.",
    Tone.WAITING,
)

STATUS: Final = Cause(
    "status_differs",
    "The conversion is {status}; the postback “{postback}” fires for {wanted} only.",
    "Статус конверсии — {status}; постбэк «{postback}» срабатывает только на: {wanted}.",
    "List this status too if the tracker should hear of it.",
    "Добавьте этот статус, если трекер должен о нём узнавать.",
    "The status is final, or at least not one that the postback lists.",
)

STATUSES_MISSING: Final = Cause(
    "statuses_missing",
    "The postback “{postback}” wants the conversion to have been in all of {wanted}, and it has not yet.",
    "Постбэк «{postback}» требует, чтобы конверсия прошла все статусы ({wanted}), а это ещё не так.",
    "If one status is enough, change the postback's mode from all to each or once.",
    "Если достаточно одного статуса, смените режим постбэка с all на each или once.",
    "The postback's status mode is `all`.",
    Tone.WAITING,
)

ALREADY: Final = Cause(
    "already_fired",
    "The postback “{postback}” fires once for a conversion, and for this one it has.",
    "Постбэк «{postback}» срабатывает один раз на конверсию, и для этой уже сработал.",
    "If every change should be sent, set its mode to each.",
    "Если нужно отправлять каждое изменение, выберите режим each.",
    "The postback's status mode is `once` or `all`, a delivery for the conversion exists, and its "
    "latest change "
    "of status fired nothing.",
    Tone.FINE,
)

GOAL: Final = Cause(
    "goal_differs",
    "The conversion is of the goal {goal}, for which the postback “{postback}” does not fire ({wanted}).",
    "Цель конверсии — {goal}, а постбэк «{postback}» на неё не срабатывает ({wanted}).",
    "Add the goal to the postback, or make another postback for it. " + _SEND_NOW_EN,
    "Добавьте цель в постбэк или создайте для неё отдельный. " + _SEND_NOW_RU,
    "The postback's goal condition was not met: a list without this goal, only the base goal, or "
    "only events.",
)

LEVEL: Final = Cause(
    "out_of_scope",
    "The postback “{postback}” covers only some links, campaigns or offers, and this conversion came by "
    "another.",
    "Постбэк «{postback}» охватывает только часть ссылок, кампаний или офферов, а конверсия пришла "
    "по другой.",
    "Widen its level or add this one. Check that the visitor did not come by an old link.",
    "Расширьте его уровень или добавьте нужное. Проверьте, не пришёл ли посетитель по старой ссылке.",
    "The level's condition was not met: the detail names what is covered and what was found.",
)

EXCLUDED: Final = Cause(
    "offer_excluded",
    "The postback “{postback}” leaves this offer out.",
    "Постбэк «{postback}» исключает этот оффер.",
    "Take the offer off the postback's exclusion list, or make a postback for it.",
    "Уберите оффер из списка исключений или создайте для него отдельный постбэк.",
    "The offer is on the postback's exclusion list.",
)

LESS_SPECIFIC: Final = Cause(
    "more_specific_won",
    "Instead of “{postback}” a more specific postback of the affiliate was chosen for the conversion.",
    "Вместо «{postback}» для конверсии был выбран более узкий постбэк аффилиата.",
    "Look at the narrower postback, or let all that match fire (the affiliate's policy).",
    "Проверьте более узкий постбэк или разрешите срабатывать всем подходящим (настройка аффилиата).",
    "The affiliate's policy is `most_specific`; what holds the winner back never lets a broader one in.",
    Tone.FINE,
)

PAYOUT: Final = Cause(
    "payout_zero",
    "The postback “{postback}” wants a payout above zero, and this conversion pays nothing.",
    "Постбэк «{postback}» требует выплату больше нуля, а по этой конверсии выплаты нет.",
    "Check the goal's payout; a percentage needs an amount in the report. Or drop the filter.",
    "Проверьте выплату цели; для процента в отчёте нужна сумма. Или уберите фильтр.",
    "The filter on the payout is on, and the conversion's payout is zero or missing.",
)

TOO_OLD: Final = Cause(
    "conversion_too_late",
    "The conversion came {age_seconds} s after the click; the postback “{postback}” takes those up "
    "to {longest} s.",
    "Конверсия пришла через {age_seconds} с после клика; постбэк «{postback}» принимает до {longest} с.",
    "Raise the postback's longest age, or drop it.",
    "Увеличьте максимальный возраст в постбэке или уберите ограничение.",
    "The filter on the time from click to conversion was not met.",
)

EVENT: Final = Cause(
    "event_differs",
    "The postback “{postback}” listens to clicks, not to conversions.",
    "Постбэк «{postback}» слушает клики, а не конверсии.",
    "Make a postback for conversions.",
    "Создайте постбэк для конверсий.",
    "The only postbacks are for clicks.",
)

BROWSER: Final = Cause(
    "shown_in_browser",
    "“{postback}” is shown in the visitor's browser and is never sent from here.",
    "«{postback}» показывается в браузере посетителя и отсюда не отправляется.",
    "For a callback from server to server make a postback of the method s2s.",
    "Для вызова с сервера на сервер создайте постбэк с методом s2s.",
    "The postback's delivery method is html.",
)

CLICK_NOT_COUNTED: Final = Cause(
    "click_not_counted",
    "The postback “{postback}” fires for valid clicks, and this one is not ({reason}).",
    "Постбэк «{postback}» срабатывает на действительные клики, а этот не такой ({reason}).",
    "Nothing is to be done: bots, prefetches and repeats are not paid for.",
    "Делать ничего не нужно: боты, предзагрузки и повторы не оплачиваются.",
    "The postback listens to clicks, and this click was marked as not valid when it came.",
)

CAUSES: Final = (
    *(
        NO_POSTBACK,
        MADE_LATER,
        OFF,
        OFF_THEN,
        NOT_ENABLED,
        ON_HOLD,
        PENDING,
        STATUS,
        STATUSES_MISSING,
        ALREADY,
    ),
    *(GOAL, LEVEL, EXCLUDED, LESS_SPECIFIC, PAYOUT, TOO_OLD, EVENT, BROWSER, CLICK_NOT_COUNTED),
)
