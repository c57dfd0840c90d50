"""The sender and receivers that behave, more or less: what goes out, what comes back, what it means."""

from __future__ import annotations

import asyncio

import pytest

from redound.core.catalog import Success
from redound.core.deliveries import ErrorKind, Fault
from tests.delivery.senders import a_sender, request_to
from tests.receiver import Answer, Receiver, half, hang, held, raw, redirect, reset

BOTH_LOOPS = True


async def test_a_callback_arrives_exactly_as_it_was_rendered():
    """Alice's tracker gets path and query untouched, the Host it expects, and nothing that asks for gzip."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            url = tracker.url("/pb;v=1/%7Ex?cid=a%20b&x=1&x=2&empty=")
            result = await sender.send(request_to(url, headers=(("webhook-id", "dlv_1"),)))
        got = tracker.requests[0]
    assert result.fault is Fault.NONE
    assert got.method == "GET"
    assert got.target == "/pb;v=1/%7Ex?cid=a%20b&x=1&x=2&empty="
    assert got.headers == (
        ("Host", f"127.0.0.1:{tracker.port}"),
        ("Accept-Encoding", "identity"),
        ("webhook-id", "dlv_1"),
    )


async def test_the_answer_is_kept():
    """Status, headers in order and body are there for Alice to read, and how long it took."""
    with Receiver() as tracker:
        tracker.always(Answer(201, b"recorded", (("X-One", "1"), ("X-One", "2"))))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert result.response is not None
    assert result.response.status == 201
    assert result.response.body == "recorded"
    assert result.response.headers == (("X-One", "1"), ("X-One", "2"), ("Content-Length", "8"))
    assert not result.response.truncated
    assert result.duration_ms >= 0
    assert result.request.url == tracker.url()


async def test_a_body_is_posted_with_its_length():
    """A POST carries its body byte for byte."""
    body = '{"cid":"é"}'.encode()
    with Receiver() as tracker:
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url(), method="POST", body=body))
        got = tracker.requests[0]
    assert got.method == "POST"
    assert got.body == body
    assert got.header("content-length") == str(len(body))


async def test_an_empty_post_says_so():
    """A POST without a body has Content-Length: 0, for which some servers insist."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url(), method="POST"))
        assert tracker.requests[0].header("content-length") == "0"


async def test_headers_of_the_connection_are_the_senders_alone():
    """A request that brings Host, lengths or encodings along does not get them through."""
    forged = (
        ("HOST", "evil.example"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("X-Mine", "1"),
    )
    with Receiver() as tracker:
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url(), headers=forged))
        names = [name.lower() for name, _ in tracker.requests[0].headers]
    assert names == ["host", "accept-encoding", "x-mine"]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\ud800"])
async def test_a_value_cannot_break_out_of_its_header(value):
    """A header with a line break is not sent at all."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url(), headers=(("X-Sub", value),)))
        assert tracker.connections == 0
    assert (result.fault, result.error_kind) == (Fault.OURS, ErrorKind.TEMPLATE)


async def test_a_literal_beyond_ascii_is_percent_encoded():
    """What Alice typed in Cyrillic goes out as UTF-8, once."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url("/конверсия?a=é%20")))
        assert tracker.requests[0].target == (
            "/%D0%BA%D0%BE%D0%BD%D0%B2%D0%B5%D1%80%D1%81%D0%B8%D1%8F?a=%C3%A9%20"
        )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_a_success(status):
    """2xx counts, with or without a body."""
    with Receiver() as tracker:
        tracker.always(Answer(status, b""))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert (result.fault, result.error_kind, result.error_detail) == (Fault.NONE, ErrorKind.NONE, "")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 429, 500, 502, 503, 599])
async def test_other_statuses_are_the_receivers_failure(status):
    """4xx and 5xx fail, and the answer is kept."""
    with Receiver() as tracker:
        tracker.always(Answer(status, b"why"))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.STATUS)
    assert result.response is not None
    assert (result.response.status, result.response.body) == (status, "why")
    assert str(status) in result.error_detail


async def test_a_redirect_is_not_followed():
    """Alice reads where to, and nobody goes there."""
    with Receiver() as elsewhere, Receiver() as tracker:
        tracker.always(redirect(elsewhere.url("/secret?x=1")))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
        assert elsewhere.connections == 0
        assert tracker.count == 1
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.REDIRECT)
    assert f"127.0.0.1:{elsewhere.port}" in result.error_detail
    assert "secret" not in result.error_detail


@pytest.mark.parametrize(
    ("success", "fault", "kind"),
    [
        (Success(body_contains="recorded"), Fault.NONE, ErrorKind.NONE),
        (Success(body_contains="Recorded"), Fault.RECEIVER, ErrorKind.BODY),
        (Success(body_not_contains="recorded"), Fault.RECEIVER, ErrorKind.BODY),
        (Success(body_contains="click", body_not_contains="error"), Fault.NONE, ErrorKind.NONE),
    ],
)
async def test_the_body_may_decide(success, fault, kind):
    """Alice's tracker answers 200 to everything; her rule looks at the text."""
    with Receiver() as tracker:
        tracker.always(Answer(200, b"click recorded"))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()), success)
    assert (result.fault, result.error_kind) == (fault, kind)


async def test_a_body_in_another_charset_is_read_in_it():
    """An older tracker answers in windows-1251 and says so."""
    with Receiver() as tracker:
        tracker.always(
            Answer(200, "Принято".encode("cp1251"), (("Content-Type", "text/html; charset=windows-1251"),))
        )
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()), Success(body_contains="Принято"))
    assert result.fault is Fault.NONE


async def test_bytes_that_are_no_text_are_replaced():
    """A body can be stored whatever it is: no NUL, no broken UTF-8."""
    with Receiver() as tracker:
        tracker.always(Answer(200, b"a\0b\xffc"))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert result.response is not None
    assert result.response.body == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(("value", "seconds"), [("120", 120.0), ("0", 0.0), ("soon", None), ("-5", None)])
async def test_the_receivers_wish_to_wait_is_read(value, seconds):
    """Retry-After comes back unbounded."""
    with Receiver() as tracker:
        tracker.always(Answer(503, headers=(("retry-AFTER", value),)))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert result.retry_after_seconds == seconds


async def test_interim_answers_are_waited_out():
    """103 Early Hints is not the answer."""
    with Receiver() as tracker:
        hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        tracker.always(raw(hints + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"))
        async with a_sender() as sender:
            results = [await sender.send(request_to(tracker.url())) for _ in range(2)]
        assert tracker.connections == 1
    assert [result.response.status for result in results if result.response] == [200, 200]
    assert results[0].response is not None
    assert results[0].response.headers == (("Content-Length", "2"),)


async def test_a_chunked_answer_is_put_together():
    """Chunks and their trailers are read; trailers do not count as headers."""
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
    )
    with Receiver() as tracker:
        tracker.always(raw(chunked))
        async with a_sender() as sender:
            results = [await sender.send(request_to(tracker.url())) for _ in range(2)]
        assert tracker.connections == 1
    for result in results:
        assert result.response is not None
        assert result.response.body == "abcde"
        assert result.response.headers == (("Transfer-Encoding", "chunked"),)


async def test_an_answer_that_ends_with_its_connection_is_whole():
    """HTTP/1.0 servers send no length."""
    with Receiver() as tracker:
        tracker.always(raw(b"HTTP/1.0 200 OK\r\n\r\nrecorded", then="close"))
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert result.fault is Fault.NONE
    assert result.response is not None
    assert result.response.body == "recorded"


# Connections


async def test_a_connection_is_used_again():
    """Ten callbacks, one after another, need one connection."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            for _ in range(10):
                assert (await sender.send(request_to(tracker.url()))).fault is Fault.NONE
        assert (tracker.count, tracker.connections) == (10, 1)


async def test_callbacks_at_the_same_time_have_connections_of_their_own():
    """Five at once are five exchanges side by side; afterwards their connections serve five more."""
    with Receiver() as tracker:
        tracker.always(held())
        async with a_sender() as sender:
            sends = [asyncio.ensure_future(sender.send(request_to(tracker.url()))) for _ in range(5)]
            await tracker.seen(5)
            tracker.release()
            await asyncio.gather(*sends)
            await asyncio.gather(*[sender.send(request_to(tracker.url())) for _ in range(5)])
        assert (tracker.count, tracker.connections) == (10, 5)


async def test_connection_close_is_respected():
    """A receiver that closes gets a new connection the next time."""
    with Receiver() as tracker:
        tracker.always(Answer(then="close"))
        async with a_sender() as sender:
            for _ in range(3):
                assert (await sender.send(request_to(tracker.url()))).fault is Fault.NONE
        assert (tracker.count, tracker.connections) == (3, 3)


async def test_a_restarted_receiver_is_called_on_a_new_connection():
    """The kept connection was closed meanwhile; Alice's callback does not notice."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url()))
            tracker.drop_connections()
            result = await sender.send(request_to(tracker.url()))
        assert tracker.connections == 2
    assert result.fault is Fault.NONE


async def test_a_kept_connection_that_dies_under_the_request_is_tried_once_more():
    """The receiver closed just as the request went out: a new connection, within the same attempt."""
    with Receiver() as tracker:
        tracker.answers(Answer(), reset(), Answer(202))
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url()))
            result = await sender.send(request_to(tracker.url()))
        assert (tracker.count, tracker.connections) == (3, 2)
    assert result.response is not None
    assert result.response.status == 202


async def test_only_once_more():
    """A receiver that resets the new connection as well has failed."""
    with Receiver() as tracker:
        tracker.answers(Answer(), reset(), reset(), Answer())
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url()))
            result = await sender.send(request_to(tracker.url()))
        assert tracker.count == 3
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.RESET)


async def test_a_new_connection_that_dies_is_not_tried_again():
    """A reset on a first use is the receiver's failure."""
    with Receiver() as tracker:
        tracker.answers(reset(), Answer())
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
        assert tracker.count == 1
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.RESET)
    assert result.response is None


async def test_a_kept_connection_that_dies_in_the_middle_of_its_answer_has_failed():
    """Once a byte of the answer came, the request was read: no second one in the same attempt."""
    with Receiver() as tracker:
        tracker.answers(Answer(), half(), Answer())
        async with a_sender() as sender:
            await sender.send(request_to(tracker.url()))
            result = await sender.send(request_to(tracker.url()))
        assert tracker.count == 2
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.RESET)
    assert result.response is not None
    assert result.response.body == "0123456789"


async def test_idle_connections_are_bounded():
    """Whatever the number of receivers, only so many connections are kept."""
    with Receiver() as first, Receiver() as second, Receiver() as third:
        async with a_sender(idle_connections=2) as sender:
            for tracker in (first, second, third):
                await sender.send(request_to(tracker.url()))
            assert len(sender._pools) == 2
            await sender.send(request_to(third.url()))
        assert (first.connections, third.connections) == (1, 1)


async def test_a_cancelled_send_breaks_its_connection_off():
    """Stopping the worker leaves nothing half done behind, and the next send is unharmed."""
    with Receiver() as tracker:
        tracker.answers(hang())
        async with a_sender() as sender:
            send = asyncio.ensure_future(sender.send(request_to(tracker.url())))
            await tracker.seen(1)
            send.cancel()
            with pytest.raises(asyncio.CancelledError):
                await send
            assert (await sender.send(request_to(tracker.url()))).fault is Fault.NONE
        assert tracker.connections == 2


async def test_a_fault_of_our_own_is_a_value_too(monkeypatch):
    """A bug in the sender costs one attempt, counted as ours."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("redound.delivery.sender._encode", broken)
    with Receiver() as tracker:
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
    assert (result.fault, result.error_kind) == (Fault.OURS, ErrorKind.INTERNAL)


async def test_a_proxy_from_the_environment_is_not_used(monkeypatch):
    """HTTP_PROXY and its like mean nothing to the door."""
    with Receiver() as proxy, Receiver() as tracker:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
        assert (proxy.connections, tracker.count) == (0, 1)
    assert result.fault is Fault.NONE
