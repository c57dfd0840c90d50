"""The sender and receivers that mean harm, or are simply broken: it always ends, soon, and says why."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from redound.core.catalog import Success
from redound.core.deliveries import ErrorKind, Fault
from tests.delivery.senders import a_sender, request_to
from tests.receiver import (
    Answer,
    Receiver,
    drip,
    gzip_bomb,
    half,
    hang,
    huge,
    many_headers,
    raw,
    reset,
)

BOTH_LOOPS = True

SHORT = 0.3
HEAD = b"HTTP/1.1 200 OK\r\n"


async def outcome(answer: Answer, **options):
    """Send once to a receiver that answers so; return the result and the receiver."""
    with Receiver() as tracker:
        tracker.always(answer)
        async with a_sender(**options) as sender:
            return await sender.send(request_to(tracker.url())), tracker


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hang(), id="silence"),
        pytest.param(drip(), id="head drips"),
        pytest.param(drip(raw=HEAD + b"\r\n" + b"x" * 100_000), id="body drips"),
        pytest.param(Answer(raw=HEAD + b"Content-Length: 9\r\n\r\n123"), id="body never ends"),
        pytest.param(raw(b"HTTP/1.1 100 Continue\r\n\r\n"), id="only interim answers"),
    ],
)
async def test_one_deadline_covers_everything(answer):
    """A receiver that sends a byte now and then gets no more time than one that is silent."""
    begun = time.monotonic()
    result, _ = await outcome(answer, deadline_seconds=SHORT)
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TIMEOUT)
    assert "0.3 s" in result.error_detail
    assert SHORT <= time.monotonic() - begun < SHORT + 2


async def test_what_came_before_the_deadline_is_kept():
    """Alice sees the beginning of the answer that never ended."""
    result, _ = await outcome(raw(HEAD + b"Content-Length: 9\r\n\r\n123"), deadline_seconds=SHORT)
    assert result.response is not None
    assert (result.response.status, result.response.body) == (200, "123")


async def test_a_deadline_of_its_own():
    """A call may be given less time than the sender's default."""
    with Receiver() as tracker:
        tracker.always(hang())
        async with a_sender(deadline_seconds=60.0) as sender:
            result = await sender.send(request_to(tracker.url()), Success(), SHORT)
    assert result.error_kind is ErrorKind.TIMEOUT


async def test_a_connection_that_is_never_taken():
    """A full backlog: connecting takes part in the deadline."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        async with a_sender(deadline_seconds=SHORT) as sender:
            result = await sender.send(request_to(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
        for client in waiting:
            client.close()
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TIMEOUT)


async def test_nobody_listens():
    """A refused connection is the receiver's failure."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with a_sender() as sender:
        result = await sender.send(request_to(f"http://127.0.0.1:{port}/"))
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.CONNECT)


async def test_a_gigabyte_is_not_read():
    """64 KiB are kept, the connection is broken off, and the 200 counts."""
    result, tracker = await outcome(huge())
    assert result.fault is Fault.NONE
    assert result.response is not None
    assert (len(result.response.body), result.response.truncated) == (65_536, True)
    assert tracker.bytes_sent < 64 << 20


async def test_exactly_the_limit_is_whole():
    """64 KiB of body is not too much."""
    result, _ = await outcome(Answer(body=b"x" * 65_536))
    assert result.response is not None
    assert (len(result.response.body), result.response.truncated) == (65_536, False)


async def test_the_rule_for_the_body_sees_what_was_read():
    """A text beyond the limit is not found, one before it is."""
    with Receiver() as tracker:
        tracker.always(Answer(body=b"first" + b"x" * 70_000 + b"last"))
        async with a_sender() as sender:
            found = await sender.send(request_to(tracker.url()), Success(body_contains="first"))
            missed = await sender.send(request_to(tracker.url()), Success(body_contains="last"))
    assert (found.fault, missed.error_kind) == (Fault.NONE, ErrorKind.BODY)


async def test_a_gzip_bomb_stays_packed():
    """Nothing is decompressed, whatever the receiver says of it."""
    result, _ = await outcome(gzip_bomb())
    assert result.fault is Fault.NONE
    assert result.response is not None
    assert len(result.response.body) <= 65_536


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(many_headers(), id="200,000 headers"),
        pytest.param(raw(HEAD + b"X-A: b\r\n" * 300 + b"Content-Length: 0\r\n\r\n"), id="300 headers"),
        pytest.param(raw(HEAD + b"X-A: " + b"b" * 70_000 + b"\r\n\r\n"), id="one large header"),
        pytest.param(raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000), id="interim answers without end"),
        pytest.param(
            Answer(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n", repeat=(b"1" + b";x=y" * 9999, 200)),
            id="a chunk extension without end",
        ),
        pytest.param(
            Answer(
                raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                repeat=(b"X-Trailer: " + b"b" * 50_000 + b"\r\n", 200),
            ),
            id="trailers without end",
        ),
    ],
)
async def test_too_much_around_the_body_is_refused(answer):
    """What is not body has its limits too."""
    result, _ = await outcome(answer)
    assert result.fault is Fault.RECEIVER
    assert result.error_kind in {ErrorKind.TOO_LARGE, ErrorKind.PROTOCOL}
    assert result.duration_ms < 4000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="ssh"),
        pytest.param(b"-ERR unknown command\r\n", id="redis"),
        pytest.param(b"HTTP/2 200\r\n\r\n", id="no version of ours"),
        pytest.param(b"HTTP/1.1 OK\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", id="upgrade"),
        pytest.param(b"HTTP/1.1 101 Switching\r\n\r\n", id="bare 101"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", id="two lengths"),
        pytest.param(HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="both"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="bad chunk"),
        pytest.param(HEAD + b"X\0Y: 1\r\n\r\n", id="NUL in a name"),
        pytest.param(HEAD + b"X: a\0b\r\n\r\n", id="NUL in a value"),
    ],
)
async def test_what_is_not_http_is_said_to_be_so(data):
    """Garbage is a protocol failure of the receiver's."""
    result, _ = await outcome(raw(data, then="close"))
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.PROTOCOL)


async def test_a_cut_off_answer_has_failed():
    """100 bytes promised, 10 came: what came is shown, and it is a failure."""
    result, _ = await outcome(half())
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.RESET)
    assert result.response is not None
    assert result.response.body == "0123456789"


@pytest.mark.parametrize("answer", [reset(), raw(b"", then="close"), raw(b"HTTP/1.1 2", then="close")])
async def test_a_connection_closed_without_an_answer(answer):
    """Reset, closed, closed in the middle of the status line: no response."""
    result, _ = await outcome(answer)
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.RESET)
    assert result.response is None


async def test_a_second_answer_is_nobodys():
    """A receiver that sends an answer too many cannot plant it as the answer to the next callback."""
    planted = HEAD + b"Content-Length: 2\r\n\r\nOK" + b"HTTP/1.1 500 Planted\r\nContent-Length: 0\r\n\r\n"
    with Receiver() as tracker:
        tracker.answers(raw(planted))
        async with a_sender() as sender:
            results = [await sender.send(request_to(tracker.url())) for _ in range(2)]
        assert tracker.connections == 2
    assert [result.fault for result in results] == [Fault.NONE, Fault.NONE]


async def test_an_answer_before_the_question_is_nobodys():
    """Bytes on an idle connection close it."""
    with Receiver() as tracker:
        tracker.answers(Answer())
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url()))
            kept = next(iter(sender._pools._idle.values()))[0]
            for connection in list(tracker._transports):
                tracker._loop.call_soon_threadsafe(connection.write, b"HTTP/1.1 500 Planted\r\n\r\n")
            async with asyncio.timeout(5):
                while not kept.closed:
                    await asyncio.sleep(0)
            result = await sender.send(request_to(tracker.url()))
        assert tracker.connections == 2
    assert result.fault is Fault.NONE


async def test_a_slow_receiver_delays_nobody_else():
    """A hundred callbacks hang; another receiver's is answered at once."""
    with Receiver() as dead, Receiver() as alive:
        dead.always(hang())
        async with a_sender() as sender:
            stuck = [asyncio.ensure_future(sender.send(request_to(dead.url()))) for _ in range(100)]
            await dead.seen(100)
            result = await sender.send(request_to(alive.url()))
            for send in stuck:
                send.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
    assert result.fault is Fault.NONE
    assert result.duration_ms < 1000
