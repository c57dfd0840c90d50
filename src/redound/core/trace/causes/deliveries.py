"""Causes: a callback waits, was ended, or could not be brought."""

from __future__ import annotations

from typing import Final

from redound.core.trace.causes import Cause, Tone

DELAYED: Final = Cause(
    "delivery_delayed",
    "The callback of “{postback}” waits for its delay and goes out at {next_at}.",
    "Вызов «{postback}» ждёт заданной задержки и уйдёт {next_at}.",
    "Wait, or shorten the postback's delay.",
    "Подождите или уменьшите задержку в постбэке.",
    "The delivery has had no attempt and its time has not come.",
    Tone.WAITING,
)

IN_WORK: Final = Cause(
    "delivery_in_work",
    "The callback of “{postback}” is being sent at this moment.",
    "Вызов «{postback}» отправляется прямо сейчас.",
    "Ask again in a moment.",
    "Спросите ещё раз через несколько секунд.",
    "The delivery is due, or a worker holds it; it has had no attempt yet.",
    Tone.WAITING,
)

NO_WORKER: Final = Cause(
    "no_worker",
    "The callback of “{postback}” has been due since {due_at}, and no process that sends callbacks was seen.",
    "Вызов «{postback}» должен был уйти {due_at}, но процесса, отправляющего вызовы, не видно.",
    "Start `redound serve`, or `redound deliver`; `redound doctor` says what runs.",
    "Запустите `redound serve` или `redound deliver`; `redound doctor` покажет, что работает.",
    "The delivery is overdue and the last sign of a worker is more than a minute old, or there never "
    "was one.",
)

OVERDUE: Final = Cause(
    "delivery_overdue",
    "The callback of “{postback}” has been due since {due_at} and waits for its turn.",
    "Вызов «{postback}» должен был уйти {due_at} и ждёт своей очереди.",
    "The backlog is shown by `redound doctor`; a slow receiver holds up its own callbacks only.",
    "Очередь показывает `redound doctor`; медленный получатель задерживает только свои вызовы.",
    "The delivery is overdue by more than half a minute although a worker runs.",
    Tone.WAITING,
)

PARKED: Final = Cause(
    "parked_disabled",
    "The postback “{postback}” was disabled at {disabled_at} because its receiver kept failing ({why}); the "
    "callback is kept.",
    "Постбэк «{postback}» отключён {disabled_at}, потому что получатель не отвечал как надо ({why}); вызов "
    "сохранён.",
    "Mend the receiver, send a test, then enable the postback: what is parked goes out (for 30 days).",
    "Почините приёмник, отправьте тест и включите постбэк: отложенное уйдёт (хранится 30 дней).",
    "The delivery is parked.",
)

DISABLED: Final = Cause(
    "disabled_by_failures",
    "The callback of “{postback}” failed {attempts} times; the postback was disabled at "
    "{disabled_at} ({why}).",
    "Вызов «{postback}» не удался, попыток: {attempts}; постбэк отключён {disabled_at} ({why}).",
    "Mend the receiver, send a test, then enable the postback and choose to retry what failed.",
    "Почините приёмник, отправьте тест, включите постбэк и выберите повтор неудавшихся.",
    "The delivery has failed for good and its postback is disabled. The answer of the last attempt "
    "is further "
    "down.",
)

SUPERSEDED: Final = Cause(
    "delivery_superseded",
    "An older callback of “{postback}” was cancelled, because a newer one for the conversion got through.",
    "Более ранний вызов «{postback}» отменён: более новый по этой конверсии уже доставлен.",
    "Nothing is to be done: the tracker knows the newer state.",
    "Делать ничего не нужно: трекер знает более новое состояние.",
    "The delivery ended as superseded, so that a late pending never overwrites an approved.",
    Tone.FINE,
)

ARCHIVED: Final = Cause(
    "postback_deleted",
    "The postback “{postback}” was deleted before its callback got through.",
    "Постбэк «{postback}» удалён до того, как вызов дошёл.",
    "Make a new postback; what was missed can be sent with it.",
    "Создайте новый постбэк; пропущенное можно дослать через него.",
    "The delivery was cancelled when its postback was archived.",
)

PARKED_TOO_LONG: Final = Cause(
    "parked_too_long",
    "The callback of “{postback}” waited 30 days for the postback to be enabled and was then given up.",
    "Вызов «{postback}» 30 дней ждал включения постбэка и был отменён.",
    "Send the delivery again by hand once the receiver is well.",
    "Отправьте его снова вручную, когда приёмник заработает.",
    "The delivery ended as parked too long.",
)

NOT_RESUMED: Final = Cause(
    "not_resumed",
    "When “{postback}” was enabled again, its older callbacks, this one among them, were left out.",
    "При повторном включении «{postback}» старые вызовы, в том числе этот, не были возобновлены.",
    "Send the delivery again if the tracker should have it.",
    "Отправьте его снова, если он нужен трекеру.",
    "Whoever enabled the postback chose a moment from which on to resume; the conversion is older.",
)

PARKED_OFF: Final = Cause(
    "parked_switched_off",
    "The callback of “{postback}” is kept, because somebody switched the postback off before it was sent.",
    "Вызов «{postback}» отложен: постбэк выключили до отправки.",
    "Switch the postback on: what is parked goes out (for 30 days).",
    "Включите постбэк: отложенное уйдёт (хранится 30 дней).",
    "The delivery is parked, and the postback is off and not disabled by failures.",
)

CANCELLED: Final = Cause(
    "delivery_cancelled",
    "The callback of “{postback}” was cancelled ({why}).",
    "Вызов «{postback}» отменён ({why}).",
    "Send the delivery again if it should go out after all.",
    "Отправьте его снова, если он всё-таки нужен.",
    "Somebody cancelled the delivery.",
)

GUARD: Final = Cause(
    "refused_by_guard",
    "The callback of “{postback}” was not sent: its address is one that we do not call.",
    "Вызов «{postback}» не отправлен: на такой адрес мы не отправляем.",
    "Use the receiver's public address. An operator can allow a private network for receivers of their own.",
    "Укажите публичный адрес приёмника. Оператор может разрешить частную сеть для своих приёмников.",
    "Private, loopback and special addresses are refused, whatever name leads to them, and never retried.",
)

TEMPLATE: Final = Cause(
    "template_broken",
    "The callback of “{postback}” could not be put together.",
    "Вызов «{postback}» не удалось собрать.",
    "Correct the postback and save it, then send the delivery again.",
    "Исправьте и сохраните постбэк, затем отправьте снова.",
    "The stored template, a secret or a macro cannot be used as it is.",
)

DNS_NOT_FOUND: Final = Cause(
    "host_not_found",
    "The host {host} of “{postback}” does not exist.",
    "Хост {host} постбэка «{postback}» не существует.",
    "Look for a typing mistake in the host; a tracker's domain may have expired.",
    "Проверьте имя хоста на опечатку; домен трекера мог истечь.",
    "The name service says that there is no such name.",
)

DNS_FAILED: Final = Cause(
    "name_service_failed",
    "The name service gave no answer for the host {host} of “{postback}”.",
    "Служба имён не ответила про хост {host} постбэка «{postback}».",
    "It is rarely the receiver's fault, and does not count against it.",
    "Получатель в этом редко виноват, и ему это не засчитывается.",
    "Our resolver failed or timed out.",
)

CONNECT: Final = Cause(
    "connection_refused",
    "The receiver of “{postback}” at {host} does not accept connections.",
    "Приёмник «{postback}» по адресу {host} не принимает соединения.",
    "Is the server up, the port right, and our address let through its firewall?",
    "Работает ли сервер, верен ли порт, пропускает ли нас его файрвол?",
    "The connection was refused, or nobody answered to it.",
)

TLS: Final = Cause(
    "certificate_rejected",
    "The receiver of “{postback}” at {host} has no certificate that can be trusted.",
    "У приёмника «{postback}» ({host}) нет сертификата, которому можно доверять.",
    "Renew the receiver's certificate; its chain must be complete and name the host.",
    "Обновите сертификат приёмника; цепочка должна быть полной и содержать имя хоста.",
    "The TLS handshake failed: expired, self-signed, for another host, or no TLS at all on that port.",
)

TIMEOUT: Final = Cause(
    "timed_out",
    "The receiver of “{postback}” at {host} did not answer in time.",
    "Приёмник «{postback}» ({host}) не ответил вовремя.",
    "It must answer before it works through the conversion: the time limit is for the whole exchange.",
    "Он должен отвечать до обработки конверсии: ограничение действует на весь обмен.",
    "The deadline ran out before the answer was complete. The tracker may still have counted the callback.",
)

RESET: Final = Cause(
    "connection_broken",
    "The receiver of “{postback}” at {host} broke the connection off.",
    "Приёмник «{postback}» ({host}) оборвал соединение.",
    "Look into its log, and at what stands in front of it (proxy, firewall).",
    "Посмотрите его журнал и то, что стоит перед ним (прокси, файрвол).",
    "The connection was closed before the answer was complete.",
)

NOT_HTTP: Final = Cause(
    "answer_not_http",
    "What answers for “{postback}” at {host} does not speak HTTP, or its answer is beyond all bounds.",
    "То, что отвечает за «{postback}» ({host}), не говорит по HTTP или ответ превышает все пределы.",
    "Check the port and the scheme (http or https).",
    "Проверьте порт и схему (http или https).",
    "The answer could not be read as HTTP, or its head is too large.",
)

OUR_FAULT: Final = Cause(
    "delivery_our_fault",
    "Sending the callback of “{postback}” failed here.",
    "Отправить вызов «{postback}» не удалось по нашей вине.",
    "The server's log says what happened.",
    "В журнале сервера указано, что произошло.",
    "The attempt failed in our own process; it does not count against the receiver.",
)

CAUSES: Final = (
    *(DELAYED, IN_WORK, NO_WORKER, OVERDUE, PARKED, PARKED_OFF, DISABLED, SUPERSEDED, ARCHIVED, NOT_RESUMED),
    *(PARKED_TOO_LONG, CANCELLED),
    *(GUARD, TEMPLATE, DNS_NOT_FOUND, DNS_FAILED, CONNECT, TLS, TIMEOUT, RESET, NOT_HTTP, OUR_FAULT),
)
