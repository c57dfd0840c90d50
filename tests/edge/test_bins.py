"""Catch-all bins on a real socket: what is kept, what is answered, and what is left to others."""

from __future__ import annotations

import asyncio

import pytest

from redound.edge.app import nowhere
from redound.edge.bins import AT_ONCE, MOST_BODY, CatchAll
from redound.edge.http import Proxies
from redound.store.bins import Bin
from redound.store.port import StoreUnavailableError
from tests.edge.client import ask
from tests.edge.conftest import listening

TOKEN = "abcdefgh23456789abcdefgh"


class Keeper:
    """Bins in memory."""

    def __init__(self, **changes) -> None:
        self.bin = Bin(**({"id": "bin_1", "status": 200, "delay_ms": 0, "body": "OK"} | changes))
        self.kept = []
        self.down = False

    async def find(self, token, now_ms):
        """Return the only bin."""
        if self.down:
            raise StoreUnavailableError
        return self.bin if token == TOKEN else None

    async def keep(self, request):
        """Note it."""
        self.kept.append(request)


@pytest.fixture
def serve():
    """Serve bins of a keeper; give the port."""

    def start(keeper):
        app = CatchAll(keeper, Proxies(()), lambda: 7, lambda prefix: f"{prefix}_1", nowhere)
        return listening(app)

    return start


async def test_what_is_sent_is_kept(serve):
    """Method, path, query, headers and body; secrets masked."""
    keeper = Keeper()
    async with serve(keeper) as port:
        headers = {"X-A": "1", "Authorization": "Bearer hush", "Cookie": "a=hush"}
        answer = await ask(port, f"/bin/{TOKEN}/pb?cid=%3Cb%3E", method="POST", headers=headers, body=b"a=1")
    assert (answer.status, answer.body) == (200, b"OK")
    (kept,) = keeper.kept
    assert (kept.method, kept.path, kept.query, kept.body) == ("POST", "pb", "cid=%3Cb%3E", "a=1")
    assert (dict(kept.headers)["x-a"], kept.ip, kept.truncated) == ("1", "127.0.0.1", False)
    assert "hush" not in str(kept.headers)


async def test_the_answer_is_the_owners_and_never_a_page(serve):
    """Plain text in a sandbox, whatever the body is."""
    async with serve(Keeper(status=418, body="<script>alert(1)</script>")) as port:
        answer = await ask(port, f"/bin/{TOKEN}")
    assert (answer.status, answer.body) == (418, b"<script>alert(1)</script>")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_delay_is_kept_to(serve):
    """The request is kept at once, and answered later."""
    keeper = Keeper(delay_ms=200)
    async with serve(keeper) as port:
        began = asyncio.get_running_loop().time()
        await ask(port, f"/bin/{TOKEN}")
        assert asyncio.get_running_loop().time() - began >= 0.2


async def test_a_long_body_is_cut(serve):
    """What is over the limit is not kept; bytes that are no text are replaced."""
    keeper = Keeper()
    async with serve(keeper) as port:
        await ask(port, f"/bin/{TOKEN}", method="POST", body=b"\x00\xff" + b"a" * MOST_BODY)
    (kept,) = keeper.kept
    assert (len(kept.body), kept.truncated, kept.body[:3]) == (MOST_BODY, True, "\ufffd\ufffda")


@pytest.mark.parametrize("path", ["/bin/", "/bin/UNKNOWN", f"/bin/{TOKEN}x", "/bin/..%2f..%2fetc"])
async def test_an_unknown_token_keeps_nothing(serve, path):
    """404, in words."""
    keeper = Keeper()
    async with serve(keeper) as port:
        assert (await ask(port, path)).status == 404
    assert not keeper.kept


async def test_other_paths_are_somebody_elses(serve):
    """The next application answers."""
    async with serve(Keeper()) as port:
        answer = await ask(port, "/binary")
    assert (answer.status, b"There is nothing here." in answer.body) == (404, True)


async def test_a_database_that_is_away_is_said(serve):
    """503, to be tried again."""
    keeper = Keeper()
    keeper.down = True
    async with serve(keeper) as port:
        assert (await ask(port, f"/bin/{TOKEN}")).status == 503


async def test_bins_take_no_more_than_so_many_at_once(serve):
    """Slow answers cannot use up the edge."""
    async with serve(Keeper(delay_ms=1500)) as port:
        waiting = [asyncio.create_task(ask(port, f"/bin/{TOKEN}")) for _ in range(AT_ONCE + 3)]
        answers = await asyncio.gather(*waiting)
    assert sorted({answer.status for answer in answers}) == [200, 429]
