# ruff: noqa: E501 - one line a sentence
"""What is said about the structure of a URL: code → severity, English, Russian."""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str, str]]] = {
    "empty": ("error", "There is no URL here.", "Здесь нет URL."),
    "missing_scheme": (
        "error",
        "The URL does not begin with https:// or http://.",
        "URL не начинается с https:// или http://.",
    ),
    "bad_scheme": (
        "error",
        "Only https:// and http:// URLs are called, and %(scheme)s is neither.",
        "Вызываются только URL с https:// и http://, а %(scheme)s — ни то ни другое.",
    ),
    "double_scheme": (
        "error",
        "The scheme is written twice.",
        "Схема (https://) написана дважды.",
    ),
    "http_scheme": (
        "info",
        "The URL is called unencrypted; use https:// if the tracker answers there.",
        "URL вызывается без шифрования; используйте https://, если трекер там отвечает.",
    ),
    "missing_query_separator": (
        "error",
        "The ? before the first parameter is missing, so the tracker sees no parameters.",
        "Перед первым параметром нет знака ?, поэтому трекер не увидит параметров.",
    ),
    "missing_query_separator.amp": (
        "error",
        "The & before %(name)s is missing, so it becomes part of the value before it.",
        "Перед %(name)s нет знака &, поэтому он станет частью предыдущего значения.",
    ),
    "double_question_mark": (
        "error",
        "A second ? does not begin a parameter; parameters are joined with &.",
        "Второй знак ? не начинает параметр; параметры соединяются знаком &.",
    ),
    "empty_pair": (
        "info",
        "There is no parameter beside this &.",
        "Рядом с этим & нет параметра.",
    ),
    "empty_pair.nameless": (
        "info",
        "There is no parameter's name before this =.",
        "Перед этим = нет имени параметра.",
    ),
    "stray_space": (
        "error",
        "A blank stands in the middle of the URL.",
        "Внутри URL стоит пробел.",
    ),
    "surrounding_space": (
        "error",
        "Blanks stand before or after the URL.",
        "До или после URL стоят пробелы.",
    ),
    "control_char": (
        "error",
        "A line break, tab or other control character stands in the URL.",
        "В URL попал перенос строки, табуляция или другой управляющий символ.",
    ),
    "invisible_char": (
        "error",
        "A character that cannot be seen stands here (%(character)s).",
        "Здесь стоит невидимый символ (%(character)s).",
    ),
    "smart_quote": (
        "error",
        "A typographic quotation mark stands in the URL.",
        "В URL стоит типографская кавычка.",
    ),
    "backslash": (
        "error",
        "A backslash does not belong in a URL.",
        "Обратной косой черте в URL не место.",
    ),
    "semicolon_separator": (
        "error",
        "Parameters are joined with &, not with a semicolon.",
        "Параметры соединяются знаком &, а не точкой с запятой.",
    ),
    "double_equals": (
        "error",
        "There are two = signs, so the value itself begins with one.",
        "Здесь два знака =, поэтому само значение начнётся с него.",
    ),
    "double_equals.nested": (
        "error",
        "The value of %(name)s holds another name and = sign before the macro.",
        "В значении %(name)s перед макросом стоит ещё одно имя со знаком =.",
    ),
    "trailing_punctuation": (
        "warning",
        "The URL ends with %(mark)s, which was probably part of a sentence.",
        "URL заканчивается на %(mark)s — вероятно, это знак препинания из текста.",
    ),
    "trailing_dot_host": (
        "error",
        "The host ends with a dot.",
        "Имя хоста заканчивается точкой.",
    ),
    "html_entity": (
        "error",
        "This is HTML code (%(entity)s) instead of the character itself.",
        "Здесь HTML-код (%(entity)s) вместо самого символа.",
    ),
    "html_entity_mangled": (
        "error",
        "A browser turned &%(entity)s into %(character)s, so the parameter %(name)s is lost.",
        "Браузер превратил &%(entity)s в %(character)s, и параметр %(name)s потерян.",
    ),
    "html_wrapped": (
        "error",
        "This is a piece of a page with the URL inside, not the URL alone.",
        "Это фрагмент страницы с URL внутри, а не сам URL.",
    ),
    "invalid_percent_escape": (
        "error",
        "After %% stand two hexadecimal digits; a percent sign itself is %%25.",
        "После %% стоят две шестнадцатеричные цифры; сам знак процента пишется %%25.",
    ),
    "unencoded_char": (
        "warning",
        "The character %(character)s has to be percent-encoded in a URL.",
        "Символ %(character)s в URL нужно кодировать через %%.",
    ),
    "fragment": (
        "warning",
        "What follows # is never sent to a server.",
        "То, что стоит после #, никогда не отправляется на сервер.",
    ),
    "macro_in_fragment": (
        "error",
        "%(macro)s stands after #, which is never sent to a server.",
        "%(macro)s стоит после #, а эта часть никогда не отправляется на сервер.",
    ),
    "macro_in_host": (
        "error",
        "Scheme, host and port have to be written out: %(macro)s cannot stand there.",
        "Схему, хост и порт нужно написать полностью: %(macro)s там стоять не может.",
    ),
    "macro_in_path": (
        "info",
        "%(macro)s stands in the path; check that the tracker expects it there.",
        "%(macro)s стоит в пути; проверьте, что трекер ждёт его там.",
    ),
    "no_query": (
        "warning",
        "The URL has no parameters.",
        "В URL нет параметров.",
    ),
    "duplicate_param": (
        "warning",
        "The parameter %(name)s is there more than once; the tracker will use only one of them.",
        "Параметр %(name)s указан несколько раз; трекер возьмёт только один из них.",
    ),
    "valueless_param": (
        "warning",
        "The parameter %(name)s has no value.",
        "У параметра %(name)s нет значения.",
    ),
    "nested_url": (
        "warning",
        "A whole URL stands unencoded in a value, so its own ? and & are taken for this URL's.",
        "В значении целиком стоит незакодированный URL, и его ? и & будут приняты за знаки этого URL.",
    ),
    "nested_url.twice": (
        "warning",
        "Another URL follows: it looks as if two were pasted one after the other.",
        "Дальше начинается ещё один URL: похоже, вставлены два подряд.",
    ),
    "userinfo": (
        "error",
        "A user name or password cannot stand before the host; use the postback's authentication.",
        "Имя пользователя и пароль не могут стоять перед хостом; используйте авторизацию постбэка.",
    ),
    "bad_port": (
        "error",
        "The port %(port)s cannot be called: use 80, 443 or a web server's port from 1024 on.",
        "Порт %(port)s вызвать нельзя: используйте 80, 443 или порт веб-сервера от 1024.",
    ),
    "private_host": (
        "error",
        "%(host)s is not on the public internet, so it cannot be called.",
        "%(host)s находится не в публичном интернете, вызвать его нельзя.",
    ),
    "ip_host": (
        "warning",
        "The host is a bare IP address; trackers have names.",
        "Вместо имени хоста стоит IP-адрес; у трекеров есть имена.",
    ),
    "ip_host.malformed": (
        "error",
        "%(host)s is a disguised or malformed IP address.",
        "%(host)s — замаскированный или неверно записанный IP-адрес.",
    ),
    "single_label_host": (
        "error",
        "%(host)s is not a full host name such as tracker.example.com.",
        "%(host)s — не полное имя хоста вроде tracker.example.com.",
    ),
    "idn_host": (
        "info",
        "The host name uses letters beyond a–z; check that it is the tracker's.",
        "В имени хоста есть буквы не из a–z; проверьте, что это адрес трекера.",
    ),
    "mixed_script_host": (
        "error",
        "The host name has letters of another alphabet that look like Latin ones (%(letters)s).",
        "В имени хоста буквы другого алфавита, похожие на латинские (%(letters)s).",
    ),
    "host_placeholder": (
        "error",
        "%(host)s has to be replaced by your tracker's own address.",
        "%(host)s нужно заменить на адрес вашего трекера.",
    ),
    "bad_host": (
        "error",
        "The host is not a valid name or address.",
        "Хост — не допустимое имя и не адрес.",
    ),
    "too_long": (
        "error",
        "The URL has %(length)s characters; %(most)s are the most.",
        "В URL %(length)s символов; допустимо не больше %(most)s.",
    ),
    "too_long.receiver": (
        "warning",
        "The URL has %(length)s characters before any macro is filled; many servers take no more than %(most)s.",
        "В URL %(length)s символов ещё до подстановки макросов; многие серверы принимают не больше %(most)s.",
    ),
}
