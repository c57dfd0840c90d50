"""Networks that cannot send a token, use their own names, or sign what they send."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import pytest

from redound.core.bearings import token_digest
from redound.core.profiles import RepeatMode, ReportProfile, aliases_with
from redound.edge.signatures import Signatures
from redound.store.memory import MemoryStore
from redound.store.port import StoreUnavailableError
from tests.builders import LINK_NUMBER, make_advertiser, make_click, make_click_id, make_goal, make_offer
from tests.edge.conftest import configuration

if TYPE_CHECKING:
    from redound.core.catalog import Advertiser

NOW_MS = time.time_ns() // 1_000_000
CLICK = make_click(id=make_click_id(NOW_MS - 60_000, LINK_NUMBER), created_at=NOW_MS - 60_000)
KEY = "a-path-key-of-acme-42"
SECRET = "a signing secret of acme"
OLD = "the secret before that one"


def network(**profile) -> Advertiser:
    """Acme with a path key, a signing secret (and an older one), and these ways of its own."""
    return make_advertiser(
        token_digests=frozenset(map(token_digest, (KEY, SECRET, OLD))),
        signing_secrets=(f"sealed {SECRET}", f"sealed {OLD}"),
        profile=ReportProfile(**profile),
    )


def unseal(sealed: str, place: str) -> str:
    """Open what the test sealed."""
    assert place == "advertisers/adv_acme/signing_secrets"
    return sealed.removeprefix("sealed ")


@pytest.fixture
def acme(edge_of):
    """Start an edge for a network with one click of Alice's."""

    async def start(*things, **profile):
        edge = await edge_of(network(**profile), *things, unseal=unseal)
        await edge.store.add_clicks([CLICK])
        return edge

    return start


async def test_a_key_in_the_path_stands_for_the_token(acme):
    """It is the proof, and it is in nothing that is kept."""
    edge = await acme()
    assert (await edge.ask(f"/postback?click_id={CLICK.id}")).verdict == "bad_token"
    assert (await edge.ask(f"/postback/wrong-key-of-acme-1?click_id={CLICK.id}")).verdict == "bad_token"
    assert (await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}&note={KEY}")).verdict == "accepted"
    assert (await edge.ask(f"/postback/{KEY}/?click_id={CLICK.id}")).verdict == "duplicate"
    kept = repr([report.incoming.raw_query for report in edge.store.reports.values()])
    assert KEY not in kept
    assert "note=***" in kept


async def test_a_key_is_masked_where_the_report_cannot_be_read(acme):
    """A malformed one shows it no more than others do."""
    edge = await acme()
    answer = await edge.ask(f"/postback/{KEY}?click_id=a&click_id=b&note={KEY}")
    assert answer.verdict == "malformed"
    (report,) = edge.store.reports.values()
    assert report.advertiser_id == "adv_acme"
    assert KEY not in report.incoming.raw_query


@pytest.mark.parametrize("path", [f"/postback/{KEY}", "/postback"], ids=["by its key", "by the click"])
async def test_own_names_are_read(acme, path):
    """Whoever the key or the click belongs to says what the parameters are called."""
    own = aliases_with({"hit": "click_id", "rev": "amount", "payout": ""})
    edge = await acme(aliases=own)
    token = "" if path != "/postback" else f"&token={KEY}"
    answer = await edge.ask(f"{path}?hit={CLICK.id}&rev=7.00&payout=1,2{token}")
    assert answer.verdict == "accepted"
    (conversion,) = edge.store.conversions.values()
    assert conversion.amount.minor == 700


async def test_own_names_are_found_by_the_click_alone(edge_of):
    """An advertiser without any credential may have names of its own, too."""
    edge = await edge_of(make_advertiser(profile=ReportProfile(aliases=aliases_with({"hit": "click_id"}))))
    await edge.store.add_clicks([CLICK])
    assert (await edge.ask(f"/postback?hit={CLICK.id}")).verdict == "accepted"


async def test_the_answer_is_what_the_network_wants(acme):
    """Its body and code for a success, its code for a refusal; the verdict stays in the header."""
    edge = await acme(answer="OK 1", success_code=202, failure_code=200)
    answer = await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}")
    assert (answer.status, answer.body, answer.verdict) == (202, b"OK 1", "accepted")
    assert answer.headers["content-type"].startswith("text/plain")
    own = await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}&return=fine")
    assert own.body == b"fine"
    refused = await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}&amount=x")
    assert (refused.status, refused.verdict, refused.json["verdict"]) == (200, "bad_amount", "bad_amount")


async def test_a_code_without_content_has_none(acme):
    """204 and no body, as HTTP wants it."""
    edge = await acme(success_code=204, answer="OK")
    answer = await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}")
    assert (answer.status, answer.body, answer.verdict) == (204, b"", "accepted")


async def test_a_rebill_is_told_by_its_txid(acme):
    """Two in one batch, one repeated: two conversions."""
    edge = await acme(repeat=RepeatMode.NEW_TXID)
    for txid, verdict in (("T-1", "accepted"), ("T-2", "accepted"), ("T-1", "duplicate")):
        assert (await edge.ask(f"/postback/{KEY}?click_id={CLICK.id}&txid={txid}")).verdict == verdict
    assert len(edge.store.conversions) == 2


# Signed


def signed(query="", *, body=b"", method="GET", secret=SECRET, late=0, advertiser="adv_acme"):
    """Return the headers of a request signed `late` seconds from now."""
    stamp = str(int(time.time() + late))
    text = b"\n".join((stamp.encode(), method.encode(), query.encode(), body))
    return {
        "X-Redound-Advertiser": advertiser,
        "X-Redound-Timestamp": stamp,
        "X-Redound-Signature": hmac.new(secret.encode(), text, hashlib.sha256).hexdigest(),
    }


@pytest.mark.parametrize("secret", [SECRET, OLD], ids=["the new secret", "the old secret"])
async def test_a_signature_stands_for_the_token(acme, secret):
    """Of query or body; the secret never travels, and two hold while one replaces the other."""
    edge = await acme()
    query = f"click_id={CLICK.id}&goal=sale"
    answer = await edge.ask(f"/postback?{query}", headers=signed(query, secret=secret))
    assert answer.verdict == "accepted"
    body = f"click_id={CLICK.id}&txid=T-1".encode()
    headers = signed(body=body, method="POST", secret=secret)
    assert (await edge.ask("/postback", method="POST", body=body, headers=headers)).verdict == "updated"


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "somebody else's secret"},
        {"late": -400},
        {"late": 400},
        {"advertiser": "adv_other"},
        {"advertiser": ""},
        {"method": "POST"},
    ],
    ids=["wrong secret", "too old", "too early", "somebody else", "nobody", "another method"],
)
async def test_a_signature_that_does_not_hold_is_refused(acme, changes):
    """The report is kept, and makes nothing."""
    edge = await acme()
    query = f"click_id={CLICK.id}"
    answer = await edge.ask(f"/postback?{query}", headers=signed(query, **changes))
    assert (answer.status, answer.verdict) == (401, "bad_token")
    assert len(edge.store.reports) == 1
    assert not edge.store.conversions


async def test_a_signed_request_cannot_be_altered(acme):
    """Whoever saw one cannot raise the amount; nor does a timestamp of words pass."""
    edge = await acme()
    query = f"click_id={CLICK.id}&amount=1.00"
    headers = signed(query)
    altered = query.replace("1.00", "9.00")
    assert (await edge.ask(f"/postback?{altered}", headers=headers)).verdict == "bad_token"
    wordy = headers | {"X-Redound-Timestamp": "now"}
    assert (await edge.ask(f"/postback?{query}", headers=wordy)).verdict == "bad_token"
    assert not edge.store.conversions


async def test_a_replay_counts_once_even_where_the_goal_repeats(acme):
    """A deposit that is sent again as it was is a duplicate; signed anew it is another deposit."""
    edge = await acme(make_offer(make_goal(repeats=0)))
    query = f"click_id={CLICK.id}"
    headers = signed(query)
    assert (await edge.ask(f"/postback?{query}", headers=headers)).verdict == "accepted"
    assert (await edge.ask(f"/postback?{query}", headers=headers)).verdict == "duplicate"
    anew = signed(query, late=2)
    assert (await edge.ask(f"/postback?{query}", headers=anew)).verdict == "accepted"
    assert len(edge.store.conversions) == 2


async def test_a_signed_report_that_was_not_stored_may_come_again_as_it_is(edge_of):
    """The database was away for a moment: the sender repeats, and it counts."""

    class Away(MemoryStore):
        away = True

        async def apply_reports(self, *args):
            if self.away:
                raise StoreUnavailableError
            return await super().apply_reports(*args)

    store = Away(configuration(network()))
    edge = await edge_of(network(), store=store, unseal=unseal)
    await store.add_clicks([CLICK])
    query = f"click_id={CLICK.id}"
    headers = signed(query)
    assert (await edge.ask(f"/postback?{query}", headers=headers)).status == 503
    store.away = False
    assert (await edge.ask(f"/postback?{query}", headers=headers)).verdict == "accepted"


def test_old_signatures_are_forgotten():
    """Ten minutes later the timestamp keeps them out."""
    now = [1_000_000.0]
    checks = Signatures(unseal, lambda: now[0])
    for _ in range(5):
        fields = {
            name.lower().encode(): value.encode() for name, value in signed(late=now[0] - time.time()).items()
        }
        assert checks.check(fields, lambda _: network(), "GET", b"", b"") == SECRET
        now[0] += 700
    assert len(checks._seen) == 1
