"""The console's pages behind the bridge from ASGI to WSGI."""

from __future__ import annotations

import asyncio
import threading

import pytest

from redound import asgi
from redound.edge.http import Proxies
from tests.edge.client import ask, raw
from tests.edge.conftest import listening


class Pages:
    """A WSGI application made of functions; notes what it was asked."""

    def __init__(self) -> None:
        self.environs: list[dict[str, object]] = []
        self.closed = threading.Event()
        self.gate = threading.Event()
        self.working = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        """Answer by path."""
        self.environs.append(environ)
        start_response(
            "200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        )
        return getattr(self, environ["PATH_INFO"].strip("/").partition("/")[0] or "hello")(environ)

    def hello(self, _environ):
        """A page."""
        return [b"hello, ", b"world"]

    def echo(self, environ):
        """What came."""
        return [environ["wsgi.input"].read()]

    def breaks(self, _environ):
        """An error nobody foresaw."""
        raise RuntimeError("unforeseen")

    def waits(self, _environ):
        """Hold a thread until the test lets go."""
        self.working.release()
        self.gate.wait(10)
        return [b"waited"]

    def large(self, _environ):
        """8 MiB in pieces, and a note of being closed."""
        try:
            for _ in range(128):
                yield b"x" * 65_536
        finally:
            self.closed.set()


@pytest.fixture
async def pages():
    """The application and the port that it answers on, with two threads."""
    application = Pages()
    bridge = asgi.WsgiBridge(application, Proxies(()), threads=2)
    async with listening(bridge) as port:
        application.port = port
        yield application
        application.gate.set()
    bridge.close()


async def test_a_page_is_answered_whole(pages):
    """With its length, and with both cookies."""
    answer = await ask(pages.port, "/hello")
    assert (answer.status, answer.body) == (200, b"hello, world")
    assert answer.headers["content-length"] == "12"


async def test_a_body_reaches_the_application(pages):
    """Small ones and large ones, however they are cut on the way."""
    for size in (0, 10, 1_000_000):
        body = b"y" * size
        answer = await ask(pages.port, "/echo", method="POST", body=body)
        assert answer.body == body
    assert pages.environs[-1]["CONTENT_LENGTH"] == "1000000"


async def test_a_body_beyond_the_limit_is_refused_before_a_thread_is_taken(pages, monkeypatch):
    """413."""
    monkeypatch.setattr(asgi, "MAX_REQUEST", 1000)
    answer = await ask(pages.port, "/echo", method="POST", body=b"y" * 2000)
    assert answer.status == 413
    assert not pages.environs


async def test_a_file_to_import_is_not_read_without_leave():
    """A stranger announces 100 MB and sends none of it: the head alone is answered, at once."""
    application, asked = Pages(), []
    application.api = application.echo

    def may_upload(shown: str) -> bool:
        asked.append(shown)
        return shown == "Bearer rdk_bob"

    bridge = asgi.WsgiBridge(application, Proxies(()), may_upload=may_upload)
    head = (
        b"POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer rdk_charlie\r\n"
        b"Content-Length: 100000000\r\n\r\n"
    )
    async with listening(bridge) as port:
        stranger = await raw(port, head)
        bob = await ask(
            port,
            "/api/v1/imports",
            method="POST",
            body=b"y" * 1000,
            headers={"Authorization": "Bearer rdk_bob"},
        )
    bridge.close()
    assert (stranger.status, stranger.body) == (200, b"")
    assert (bob.status, bob.body) == (200, b"y" * 1000)
    assert asked == ["Bearer rdk_charlie", "Bearer rdk_bob"]


async def test_paths_and_headers_come_as_wsgi_wants_them(pages):
    """Bytes as Latin-1, headers in capitals; one with an underscore cannot pose as another."""
    headers = {"X-Forwarded-For": "10.0.0.1", "X_Forwarded_For": "6.6.6.6", "Accept-Language": "ru"}
    await ask(pages.port, "/hello/%D0%B0?q=%D0%B1", headers=headers)
    (environ,) = pages.environs
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/hello/\u0430"
    assert environ["QUERY_STRING"] == "q=%D0%B1"
    assert environ["HTTP_X_FORWARDED_FOR"] == "10.0.0.1"
    assert environ["HTTP_ACCEPT_LANGUAGE"] == "ru"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"


async def test_an_error_of_the_application_is_a_500(pages):
    """And the thread is there for the next request."""
    for _ in range(5):
        answer = await ask(pages.port, "/breaks")
        assert answer.status == 500
        assert b"unforeseen" not in answer.body
    assert (await ask(pages.port, "/hello")).status == 200


async def test_a_large_answer_is_streamed(pages):
    """All of it arrives, in order, and the application is told that it is over."""
    answer = await ask(pages.port, "/large")
    assert len(answer.body) == 8 * 1024 * 1024
    assert answer.headers["transfer-encoding"] == "chunked"
    assert pages.closed.is_set()


async def test_a_client_that_leaves_a_large_answer_frees_the_thread(pages):
    """The generator is closed; nothing is made for nobody."""
    _, writer = await asyncio.open_connection("127.0.0.1", pages.port)
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await writer.drain()
    writer.transport.abort()
    assert await asyncio.to_thread(pages.closed.wait, 10)
    assert (await ask(pages.port, "/hello")).status == 200


async def test_a_client_that_reads_nothing_is_given_up(pages, monkeypatch):
    """The thread is free again after the stall time, whatever the client does."""
    monkeypatch.setattr(asgi, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(pages, "large", lambda _environ: stall(pages.closed))
    _, writer = await asyncio.open_connection("127.0.0.1", pages.port, limit=1024)
    writer.transport.pause_reading()
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await asyncio.to_thread(pages.closed.wait, 20)
    assert (await ask(pages.port, "/hello")).status == 200
    writer.transport.abort()


def stall(closed):
    """More than any buffer between here and there takes."""
    try:
        for _ in range(3000):
            yield b"x" * 65_536
    finally:
        closed.set()


async def test_requests_wait_for_a_thread_and_too_many_are_turned_away(pages, monkeypatch):
    """Two work, one waits, the fourth gets a 503; then all are answered."""
    monkeypatch.setattr(asgi, "MAX_WAITING", 1)
    working = [asyncio.create_task(ask(pages.port, "/waits")) for _ in range(2)]
    for _ in range(2):
        assert await asyncio.to_thread(pages.working.acquire, timeout=10)
    others = {asyncio.create_task(ask(pages.port, "/hello")) for _ in range(2)}
    done, waiting = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().status for task in done] == [503]
    pages.gate.set()
    assert [(await task).body for task in working] == [b"waited"] * 2
    assert [(await task).body for task in waiting] == [b"hello, world"]


async def test_a_head_request_has_no_body(pages):
    """As HTTP wants it."""
    answer = await ask(pages.port, "/hello", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
