"""Causes: what the receiver's answer means."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause, Tone

TO_HTTPS: Final = Cause(
    "redirect_to_https",
    "The tracker redirects “{postback}” to https; redirects are not followed.",
    "Трекер перенаправляет «{postback}» на https; по редиректам мы не ходим.",
    "Write https:// into the postback's URL. Retries use the corrected URL.",
    "Укажите в URL постбэка https://. Повторы используют исправленный URL.",
    "The answer is a 3xx to the same host with https.",
)

TO_LOGIN: Final = Cause(
    "login_page",
    "What answers for “{postback}” wants somebody to log in: the URL is a page for people.",
    "За «{postback}» отвечает страница входа: этот URL предназначен для людей.",
    "Take the postback URL from the tracker's settings; the address of its panel is another one.",
    "Возьмите URL постбэка в настройках трекера; адрес панели — это другое.",
    "The answer redirects to a log-in page, or is a page with a password field.",
)

REDIRECTED: Final = Cause(
    "redirected",
    "The tracker redirects “{postback}” elsewhere ({status}, to {location}); redirects are not followed.",
    "Трекер перенаправляет «{postback}» ({status}, на {location}); по редиректам мы не ходим.",
    "Put the final address into the postback's URL.",
    "Укажите в URL постбэка конечный адрес.",
    "The answer is a 3xx. A wrong key or an unknown campaign is often answered like this.",
)

UNAUTHORISED: Final = Cause(
    "key_refused",
    "The tracker refuses “{postback}” with 401: it wants a key or password that it did not get.",
    "Трекер отклоняет «{postback}» с кодом 401: нужен ключ или пароль, которого он не получил.",
    "Put the tracker's postback key into the URL, or set the postback's authorisation.",
    "Добавьте ключ постбэка в URL или задайте авторизацию в постбэке.",
    "The answer is 401 or 407.",
)

FORBIDDEN: Final = Cause(
    "forbidden",
    "The tracker refuses “{postback}” with 403: a wrong key, or an address that it does not let in.",
    "Трекер отклоняет «{postback}» с кодом 403: неверный ключ или наш адрес не пускают.",
    "Check the key in the URL, and let our server's address through on the tracker's side.",
    "Проверьте ключ в URL и разрешите адрес нашего сервера на стороне трекера.",
    "The answer is 403 and does not look like a firewall's page.",
)

FIREWALL: Final = Cause(
    "blocked_by_firewall",
    "A firewall in front of the tracker blocks “{postback}” ({status}): “{words}”.",
    "Файрвол перед трекером блокирует «{postback}» ({status}): «{words}».",
    "Have our server's address allowed there: a check for humans can never be passed by a server.",
    "Попросите разрешить адрес нашего сервера: проверку «вы человек» сервер не пройдёт.",
    "The page names a protection service, a captcha, a challenge or a country block.",
)

CLICK_UNKNOWN: Final = Cause(
    "click_unknown_to_tracker",
    "The tracker does not know the click that “{postback}” named ({status}): “{words}”.",
    "Трекер не знает клик, указанный в «{postback}» ({status}): «{words}».",
    "Compare the click ID that was sent with the tracker's own: another slot, another case, cut, or another "
    "tracker's.",
    "Сравните отправленный click ID с click ID трекера: другой слот, другой регистр, обрезан или чужой.",
    "The answer's words say that a click, subid or visit was not found or is not valid.",
)

NOT_FOUND: Final = Cause(
    "path_not_found",
    "There is nothing at the address of “{postback}” (404).",
    "По адресу «{postback}» ничего нет (404).",
    "Compare path and key of the URL with the tracker's settings.",
    "Сравните путь и ключ в URL с настройками трекера.",
    "The answer is 404 and names no click.",
)

METHOD: Final = Cause(
    "method_not_allowed",
    "The tracker does not take “{postback}” with this HTTP method (405).",
    "Трекер не принимает «{postback}» таким HTTP-методом (405).",
    "Change the postback's type from GET to POST or back.",
    "Смените тип постбэка с GET на POST или наоборот.",
    "The answer is 405.",
)

GONE: Final = Cause(
    "receiver_gone",
    "The tracker says that nobody wants “{postback}” any more (410); the postback was disabled.",
    "Трекер сообщает, что «{postback}» больше не нужен (410); постбэк отключён.",
    "Take the present postback URL from the tracker, then enable the postback.",
    "Возьмите в трекере действующий URL постбэка и включите постбэк.",
    "The answer is 410, which disables at once.",
)

TOO_MANY: Final = Cause(
    "rate_limited",
    "The tracker gets “{postback}” too fast (429) and will take it later.",
    "Трекер получает «{postback}» слишком часто (429) и примет позже.",
    "Nothing is to be done, unless it stays so: then ask the tracker for a higher limit.",
    "Делать ничего не нужно, если это не надолго; иначе попросите трекер поднять лимит.",
    "The answer is 429; its Retry-After is respected.",
)

SERVER_ERROR: Final = Cause(
    "receiver_error",
    "The tracker answers “{postback}” with an error of its own ({status}).",
    "Трекер отвечает на «{postback}» своей ошибкой ({status}).",
    "Look into the tracker's log, or ask its support with the time of the attempt.",
    "Посмотрите журнал трекера или спросите поддержку, назвав время попытки.",
    "The answer is a 5xx.",
)

BAD_REQUEST: Final = Cause(
    "request_refused",
    "The tracker refuses “{postback}” ({status}): “{words}”.",
    "Трекер отклоняет «{postback}» ({status}): «{words}».",
    "A parameter is missing or has a form that it does not take; compare with its documentation.",
    "Параметра не хватает или его формат не подходит; сравните с документацией трекера.",
    "The answer is another 4xx.",
)

BODY_RULE: Final = Cause(
    "answer_fails_rule",
    "The tracker answered {status}, but not with the words that “{postback}” wants: “{words}”.",
    "Трекер ответил {status}, но не теми словами, которых ждёт «{postback}»: «{words}».",
    "Read the answer. If it is a success, correct the postback's success rule.",
    "Прочитайте ответ. Если это успех, исправьте правило успеха в постбэке.",
    "The postback names a text that the body must, or must not, contain.",
)

SAYS_DUPLICATE: Final = Cause(
    "answered_duplicate",
    "The tracker answered {status} to “{postback}”, but says that it knows this conversion: “{words}”.",
    "Трекер ответил {status} на «{postback}», но сообщает, что конверсия уже есть: «{words}».",
    "To count another one for the click the tracker needs a new transaction ID: send {{txid}} or "
    "{{conversion_id}}.",
    "Чтобы засчитать ещё одну, трекеру нужен новый ID транзакции: передавайте {{txid}} или "
    "{{conversion_id}}.",
    "The body of a 2xx speaks of a duplicate.",
)

SAYS_NO: Final = Cause(
    "answered_error",
    "The tracker answered {status} to “{postback}”, but its words say no: “{words}”.",
    "Трекер ответил {status} на «{postback}», но по словам это отказ: «{words}».",
    "Compare the key and the parameters with the tracker's settings; test with a click ID known to be wrong.",
    "Сравните ключ и параметры с настройками трекера; проверьте на заведомо неверном click ID.",
    "The body of a 2xx speaks of an error, a failure or something invalid or ignored.",
)

HTML: Final = Cause(
    "answered_with_page",
    "The tracker answered {status} to “{postback}” with a web page: probably not its postback address.",
    "Трекер ответил {status} на «{postback}» веб-страницей: похоже, это не адрес постбэков.",
    "Compare host and path with the tracker's settings. Landing pages and panels answer 200 to anything.",
    "Сравните хост и путь с настройками трекера. Лендинги и панели отвечают 200 на что угодно.",
    "The body of a 2xx is HTML.",
)

DELIVERED: Final = Cause(
    "delivered",
    "The callback of “{postback}” was delivered at {delivered_at}; the tracker answered {status}.",
    "Вызов «{postback}» доставлен {delivered_at}; трекер ответил {status}.",
    "If the tracker does not show it, its own rules decide: a known transaction ID, a status that is not "
    "mapped, an event type in another case, its conversion window. Compare with what was sent.",
    "Если в трекере её нет, решают его правила: известный ID транзакции, несопоставленный статус, тип "
    "события в другом регистре, окно конверсии. Сравните с тем, что отправлено.",
    "Everything that fired was answered with 2xx, and nothing in the answers speaks against it.",
    Tone.FINE,
)

TEST: Final = Cause(
    "test_only",
    "It is a test: the callback of “{postback}” carries the mark and is counted nowhere here.",
    "Это тест: вызов «{postback}» помечен и у нас нигде не учитывается.",
    "Report a real conversion to see it in the statistics.",
    "Чтобы увидеть конверсию в статистике, нужен настоящий отчёт.",
    "Click, conversion or delivery is marked as a test.",
    Tone.FINE,
)

CAUSES: Final = (
    *(
        TO_HTTPS,
        TO_LOGIN,
        REDIRECTED,
        UNAUTHORISED,
        FIREWALL,
        FORBIDDEN,
        CLICK_UNKNOWN,
        NOT_FOUND,
        METHOD,
        GONE,
    ),
    *(TOO_MANY, SERVER_ERROR, BAD_REQUEST, BODY_RULE, SAYS_DUPLICATE, SAYS_NO, HTML, DELIVERED, TEST),
)
