"""Mail, Telegram and Slack through apprise, built from fields and never from an address that somebody typed.

apprise dials what its address says, so it gets no address: the mail server is the operator's, Telegram and
Slack have one host each, and no plugin with a host of its choice is ever made. What a user types reaches a
message's recipient or a path's last part, each held to a narrow form.
"""

from __future__ import annotations

import concurrent.futures
import logging
import re
import threading
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from html import escape
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from redound.core.notices.messages import Message
    from redound.settings import Smtp

TELEGRAM: Final = "https://api.telegram.org/bot"
SLACK: Final = "https://hooks.slack.com/services"
TIMEOUT_SECONDS: Final = 10.0
FINAL_STATUSES: Final = frozenset((400, 401, 403, 404, 410))
"""Answers of a service that will not be another next time."""

_STATUS = re.compile(r"error=(\d{3})\b")
_LOG = logging.getLogger("apprise")


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It was not; `reason` is a sentence for the person, `again` whether another try may help."""

    reason: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class MailServer:
    """The operator's mail server and the sender's name and address."""

    smtp: Smtp
    sender: str


class Services:
    """The three services. `telegram` and `slack` are where they are; tests bring receivers of their own."""

    def __init__(self, mail: MailServer | None, telegram: str = TELEGRAM, slack: str = SLACK) -> None:
        self._mail = mail
        self._telegram = telegram
        self._slack = slack

    def email(self, message: Message, to: str) -> Sent | NotSent:
        """Send a mail. Runs in a thread."""
        if self._mail is None:
            return NotSent("This installation has no mail server (REDOUND_SMTP_URL).", again=False)
        if not to:
            return NotSent("There is no e-mail address to send to.", again=False)
        from apprise.plugins.email.base import NotifyEmail  # noqa: PLC0415 - half a second that others need not

        smtp = self._mail.smtp
        name, address = parseaddr(self._mail.sender)
        make: Any = NotifyEmail
        plugin = make(
            host=smtp.host,
            smtp_host=smtp.host,
            port=smtp.port,
            user=smtp.user or None,
            password=smtp.password or None,
            secure=smtp.tls or smtp.starttls,
            secure_mode="ssl" if smtp.tls else "starttls" if smtp.starttls else "insecure",
            from_addr=formataddr((name, address)),
            targets=[to],
            format="text",
        )
        return _notify(plugin, message.subject, message.text, "text", "The mail server")

    def telegram(self, message: Message, token: str, chat: str) -> Sent | NotSent:
        """Send to a chat as a bot. Runs in a thread."""
        from apprise.plugins.telegram import NotifyTelegram  # noqa: PLC0415 - as above

        make: Any = NotifyTelegram
        plugin = make(token, [chat], detect_owner=False, format="html", preview=False)
        plugin.notify_url = self._telegram
        # Of plain text apprise lets some markup through; so it gets HTML in which there is none but ours.
        text = escape(message.text).replace("\n", "<br/>")
        return _notify(plugin, "", f"<b>{escape(message.subject)}</b><br/>{text}", "html", "Telegram")

    def slack(self, message: Message, tokens: tuple[str, str, str]) -> Sent | NotSent:
        """Send to an incoming webhook's channel. Runs in a thread."""
        from apprise.plugins.slack import NotifySlack  # noqa: PLC0415 - as above

        first, second, third = tokens
        make: Any = NotifySlack
        plugin = make(
            token_a=first,
            token_b=second,
            token_c=third,
            include_footer=False,
            include_image=False,
            format="text",
        )
        plugin.webhook_url = self._slack
        return _notify(plugin, message.subject, message.text, "text", "Slack")


class Heard(logging.Handler):
    """Hears what apprise says of this thread's message: its caller is told nothing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        """Listen."""
        # Its debug lines hold tokens; and urllib3's, which speaks of the same requests.
        for name in ("apprise", "urllib3"):
            logging.getLogger(name).setLevel(logging.WARNING)
        _LOG.propagate = False
        _LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        _LOG.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread."""
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def _notify(plugin: Any, title: str, body: str, body_format: str, who: str) -> Sent | NotSent:
    plugin.socket_connect_timeout = plugin.socket_read_timeout = TIMEOUT_SECONDS
    plugin.redirects = 0
    with Heard() as heard:
        taken = plugin.notify(body=body, title=title, body_format=body_format)
    return Sent() if taken else _refused(who, heard.lines)


def _refused(who: str, lines: list[str]) -> NotSent:
    found = next((match for line in lines if (match := _STATUS.search(line))), None)
    if found is None:
        return NotSent(f"{who} did not take it or could not be reached.")
    status = int(found[1])
    return NotSent(f"{who} answered {status}.", again=status not in FINAL_STATUSES)


def threads() -> concurrent.futures.ThreadPoolExecutor:
    """Return the threads that services are called in: they block."""
    return concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix="notices")
