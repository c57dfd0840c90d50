"""A real mail server on loopback that keeps what it is given.

with Mailbox() as mailbox:
    smtp://127.0.0.1:{mailbox.port}
    (mail,) = mailbox.wait(1)
    mail.to, mail.message["Subject"], mail.text
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from email.message import EmailMessage

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it came."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return part.get_content().replace("\r\n", "\n")


class Mailbox:
    """To be entered with `with`; `refuse` makes it turn every recipient away for now."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuse = False
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._arrived = threading.Condition()

    def __enter__(self) -> Self:
        ready = threading.Event()

        async def start() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()

        def run() -> None:
            self._loop.run_until_complete(start())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()

    def wait(self, count: int) -> list[Mail]:
        """Return the mails once there are so many."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.mails) >= count, PATIENCE_SECONDS), "no mail came"
            return list(self.mails)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mailbox\r\n")
        sender, to = "", []
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            answer = b"250 OK\r\n"
            if verb == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
            elif verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                answer = b"451 later\r\n" if self.refuse else answer
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self._keep(sender, tuple(to), data[:-5].replace(b"\r\n..", b"\r\n."))
            elif verb == "QUIT":
                answer = b"221 bye\r\n"
            writer.write(answer)
            if verb == "QUIT":
                break
        writer.close()

    def _keep(self, sender: str, to: tuple[str, ...], data: bytes) -> None:
        message = email.message_from_bytes(data, policy=email.policy.default)
        with self._arrived:
            self.mails.append(Mail(sender, to, message))  # type: ignore[arg-type]
            self._arrived.notify_all()
