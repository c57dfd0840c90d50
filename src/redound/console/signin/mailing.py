"""Mails that are sent after the answer: how long it takes must not tell whether somebody has an account."""

from __future__ import annotations

import smtplib
import threading
from typing import TYPE_CHECKING

from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMessage


def post(message: EmailMessage, about: str) -> None:
    """Send a mail in its own time. A mail server in trouble is the operator's affair; the log says so."""
    later(lambda: send(message, about))


def send(message: EmailMessage, about: str) -> bool:
    """Send a mail; say whether the server took it."""
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        log.error("mail.failed", about=about, error=str(error))
        return False
    return True


def later(job: Callable[[], object]) -> None:
    """Do something beside the request."""
    threading.Thread(target=job, name="mail", daemon=True).start()
