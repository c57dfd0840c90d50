"""What strangers do to a connection."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.builders import make_link
from tests.edge.client import until
from tests.edge.conftest import listening

CODE = make_link().code
FOLLOW = f"GET /c/{CODE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def test_a_head_without_end_closes_the_connection(edge):
    """64 KiB of headers are enough."""
    answer = await edge.raw(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000)
    assert answer.status == 431


async def test_a_url_without_end_closes_the_connection(edge):
    """Likewise the request line."""
    answer = await edge.raw(b"GET /postback?x=" + b"y" * 100_000)
    assert answer.status == 431


async def test_a_large_body_is_no_large_head(edge):
    """What is counted is the head alone."""
    body = b"x" * 300_000
    answer = await edge.ask("/postback", method="POST", body=body)
    assert answer.verdict == "malformed"


async def test_pipelined_requests_are_answered_in_order(edge):
    """A second request that comes before the first one's answer waits for its turn."""
    request = (
        FOLLOW
        + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        + FOLLOW.replace(b"Host", b"Connection: close\r\nHost")
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(request)
    everything = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", everything)
    assert statuses == [b"302", b"200", b"302"]
    assert len(edge.store.clicks) == 2


async def test_a_connection_is_kept_for_the_next_request(edge):
    """Three clicks, one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    for _ in range(3):
        writer.write(FOLLOW)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert head.startswith(b"HTTP/1.1 302 ")
        assert b"connection: close" not in head
    writer.close()


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1\r\nConnection: close"])
async def test_a_connection_that_is_to_be_closed_is_closed(edge, version):
    """HTTP/1.0 and Connection: close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"GET /c/%b %b\r\nHost: x\r\n\r\n" % (CODE.encode(), version))
    head = await asyncio.wait_for(reader.read(), 10)
    assert head.startswith(b"HTTP/1.1 302 ")
    assert b"connection: close" in head
    writer.close()


async def test_a_visitor_who_leaves_before_the_answer_still_clicked(edge):
    """The click was taken; nobody is there to be redirected."""
    _, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(FOLLOW)
    await writer.drain()
    writer.transport.abort()
    await until(lambda: edge.store.clicks)


@pytest.mark.parametrize(
    "request_line",
    [b"GET /c/%%37ykz0vh HTTP/1.1", b"GET http://x/c/nothing HTTP/1.1", b"GET /c/nothing#x HTTP/1.1"],
)
async def test_unusual_targets_are_answered_as_well(edge, request_line):
    """They take the longer way and meet the same pages."""
    answer = await edge.raw(request_line + b"\r\nHost: x\r\n\r\n")
    assert answer.status in {400, 404}


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET /c/\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_what_is_no_http_is_refused(edge, request_bytes):
    """And the next connection is served."""
    assert (await edge.raw(request_bytes)).status == 400
    assert (await edge.ask("/healthz")).status == 200


@pytest.mark.parametrize(
    "target", [b"/postback?click_id={sub1}", b"/postback?click_id=\xd0\xb0", b"/postback?a|b^c=`"]
)
async def test_characters_that_do_not_belong_into_a_url_arrive(edge, target):
    """Senders forget to encode, braces above all; that is a verdict, not a broken connection."""
    answer = await edge.ask(target)
    assert answer.status == 400
    assert answer.verdict in {"unreplaced_macro", "malformed_click_id", "missing_click_id"}


async def test_a_get_with_a_body_takes_the_longer_way(edge):
    """The body is read over and the connection stays in step."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"GET /c/%b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" % CODE.encode())
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 302 ")
    writer.write(FOLLOW)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 302 ")
    writer.close()


async def test_an_idle_connection_is_closed_after_a_while(edge_of):
    """The keep-alive time holds on the direct lane, too."""
    running = await edge_of()
    async with listening(running.edge, timeout_keep_alive=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(FOLLOW)
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_a_sender_that_waits_for_a_go_ahead_gets_it(edge):
    """`Expect: 100-continue`, as curl sends it with larger bodies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"POST /postback HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 100 ")
    writer.write(b"click_id=x")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert b"x-redound-verdict: malformed_click_id" in answer
    writer.close()


async def test_half_a_head_after_an_answer_does_not_keep_the_connection(edge_of):
    """The second request of a connection has no more time than an idle one."""
    running = await edge_of()
    async with listening(running.edge, timeout_keep_alive=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(FOLLOW + b"GET /c/")
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
