"""What a test receiver can be told to answer, civil or nasty."""

from __future__ import annotations

import gzip
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One programmed answer. Nothing of it is added to or corrected when `raw` is given.

    `then`: "keep" the connection, "close" it, "reset" it. `pieces` is sent after the head instead of `body`.
    """

    status: int = 200
    body: bytes = b"OK"
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    then: str = "keep"
    raw: bytes | None = None
    hold: bool = False
    hang: bool = False
    drip_seconds: float = 0.0
    repeat: tuple[bytes, int] | None = None

    def head(self, length: int | None) -> bytes:
        """The status line and headers, with a Content-Length unless `length` is None."""
        lines = [f"HTTP/1.1 {self.status} Answer"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if length is not None and self.status >= 200 and self.status not in {204, 304}:
            lines.append(f"Content-Length: {length}")
        if self.then == "close":
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def hang() -> Answer:
    """Take the request and never answer."""
    return Answer(hang=True)


def held(status: int = 200, body: bytes = b"OK") -> Answer:
    """Answer only when the test calls `release()`."""
    return Answer(status=status, body=body, hold=True)


def drip(seconds: float = 0.01, raw: bytes = b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 100_000) -> Answer:
    """Send one byte every `seconds`, for ever as far as a client is concerned."""
    return Answer(raw=raw, drip_seconds=seconds)


def reset() -> Answer:
    """Break the connection off (RST) without an answer."""
    return Answer(raw=b"", then="reset")


def half() -> Answer:
    """Promise 100 bytes, send 10 and close."""
    return Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", then="close")


def redirect(to: str, status: int = 302) -> Answer:
    """Send the client elsewhere."""
    return Answer(status=status, body=b"", headers=(("Location", to),))


def huge(size: int = 1 << 30) -> Answer:
    """Send `size` bytes of body (a gigabyte unless told otherwise)."""
    block = b"x" * 65_536
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    return Answer(raw=head, repeat=(block, size // len(block)))


def gzip_bomb(size: int = 64 << 20) -> Answer:
    """Send a small gzip body that would unpack to `size` bytes."""
    return Answer(body=gzip.compress(bytes(size)), headers=(("Content-Encoding", "gzip"),))


def many_headers(count: int = 200_000) -> Answer:
    """Send `count` headers."""
    return Answer(raw=b"HTTP/1.1 200 OK\r\n", repeat=(b"X-A: b\r\n" * 1000, count // 1000))


def raw(data: bytes, then: str = "keep") -> Answer:
    """Send exactly these bytes."""
    return Answer(raw=data, then=then)
