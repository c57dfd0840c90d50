"""Acme's server reports conversions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time

import pytest

from redound.store.memory import MemoryStore
from redound.store.port import Handoff, StoreUnavailableError
from tests.builders import LINK_NUMBER, OTHER_KEYS, make_advertiser, make_click, make_click_id, make_postback
from tests.edge.client import until
from tests.edge.conftest import configuration

NOW_MS = time.time_ns() // 1_000_000
CLICK = make_click(id=make_click_id(NOW_MS - 60_000, LINK_NUMBER), created_at=NOW_MS - 60_000)


@pytest.fixture
async def acme(edge_of):
    """An edge whose store knows one click of Alice's; she has a postback."""
    edge = await edge_of(make_postback())
    await edge.store.add_clicks([CLICK])
    return edge


async def test_an_accepted_report_is_stored_with_its_delivery(acme):
    """The answer comes after the commit and names the conversion; one delivery is owed."""
    answer = await acme.ask(f"/postback?click_id={CLICK.id}&txid=T-1")
    assert answer.status == 200
    assert answer.verdict == "accepted"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["verdict"] == "accepted"
    assert answer.json["click_id"] == CLICK.id
    conversion = acme.store.conversions[answer.json["conversion_id"]]
    assert conversion.txid == "T-1"
    assert answer.json["report_id"] in acme.store.reports
    assert len(acme.store.deliveries) == 1
    assert len(acme.hints) == 1


async def test_a_click_converts_over_http_alone(edge_of):
    """A visitor clicks, the landing page's ID is reported back: the whole way in."""
    edge = await edge_of()
    location = (await edge.ask("/c/" + next(iter(edge.store.configuration.links_by_code)))).headers[
        "location"
    ]
    answer = await edge.ask("/postback?click_id=" + location.rpartition("=")[2])
    assert (answer.status, answer.verdict) == (200, "accepted")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", f"click_id={CLICK.id}&amount=12.50&currency=EUR".encode()),
        ("application/json", json.dumps({"click_id": CLICK.id, "amount": 12.5, "currency": "EUR"}).encode()),
        ("", f"click_id={CLICK.id}&amount=12.50&currency=EUR".encode()),
        ("text/plain", json.dumps({"click_id": CLICK.id, "amount": "12.50", "currency": "EUR"}).encode()),
    ],
    ids=["form", "json", "form untold", "json as text"],
)
async def test_a_report_may_be_posted_as_form_or_json(acme, content_type, body):
    """Senders that forget the content type are read by their first character."""
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await acme.ask("/postback", method="POST", headers=headers, body=body)
    assert (answer.status, answer.verdict) == (200, "accepted")
    (conversion,) = acme.store.conversions.values()
    assert conversion.amount.minor == 1250
    (report,) = acme.store.reports.values()
    assert CLICK.id in report.incoming.raw_body


async def test_query_and_body_together_make_the_claim(acme):
    """The click ID stands in the URL, the rest in the form."""
    answer = await acme.ask(f"/postback?click_id={CLICK.id}", method="POST", body=b"goal=sale&txid=T-9")
    assert answer.verdict == "accepted"


async def test_the_same_report_again_is_a_duplicate_with_the_first_conversion(acme):
    """It answers 200 and nothing more is owed."""
    first = await acme.ask(f"/postback?click_id={CLICK.id}&txid=T-1")
    second = await acme.ask(f"/postback?click_id={CLICK.id}&txid=T-1")
    assert (second.status, second.verdict) == (200, "duplicate")
    assert second.json["conversion_id"] == first.json["conversion_id"]
    assert len(acme.store.deliveries) == 1


async def test_two_equal_reports_at_once_make_one_conversion(acme):
    """They meet in one batch; the later one sees the earlier."""
    answers = await asyncio.gather(*(acme.ask(f"/postback?click_id={CLICK.id}&txid=T") for _ in range(20)))
    verdicts = sorted(answer.verdict for answer in answers)
    assert verdicts == ["accepted"] + ["duplicate"] * 19
    assert len(acme.store.conversions) == 1
    assert len(acme.store.reports) == 20


REFUSED = [
    ("", 400, "missing_click_id"),
    ("click_id=", 400, "missing_click_id"),
    ("click_id={click_id}", 400, "unreplaced_macro"),
    ("click_id=%7Bclick_id%7D", 400, "unreplaced_macro"),
    ("click_id=abc", 400, "malformed_click_id"),
    (f"click_id={CLICK.id[:-1]}", 400, "malformed_click_id"),
    (f"click_id={make_click_id(NOW_MS - 50_000)}", 404, "click_not_found"),
    (f"click_id={CLICK.id}&goal=nonsense", 400, "unknown_goal"),
    (f"click_id={CLICK.id}&status=nonsense", 400, "unknown_status"),
    (f"click_id={CLICK.id}&amount=2%2C50&currency=EUR", 400, "bad_amount"),
    (f"click_id={CLICK.id}&amount=abc&currency=EUR", 400, "bad_amount"),
    (f"click_id={CLICK.id}&amount=1&currency=XYZ", 400, "bad_currency"),
    (f"click_id={CLICK.id}&clickid={CLICK.id[::-1]}", 400, "malformed"),
    (f"click_id={CLICK.id}&txid=%FF", 400, "malformed"),
    (f"click_id={CLICK.id}&txid=a%00b", 400, "malformed"),
    ("click_id=" + "x" * 20_000, 400, "malformed"),
    ("&".join(f"p{number}=1" for number in range(1200)), 400, "malformed"),
]


@pytest.mark.parametrize(
    ("query", "status", "verdict"),
    REFUSED,
    ids=[f"{each[2]}-{number}" for number, each in enumerate(REFUSED)],
)
async def test_a_refused_report_is_kept_with_its_verdict(acme, query, status, verdict):
    """Whatever is wrong with it, the request is kept, and nothing else comes of it."""
    answer = await acme.ask(f"/postback?{query}")
    assert (answer.status, answer.verdict) == (status, verdict)
    assert answer.json["verdict"] == verdict
    assert answer.json["conversion_id"] is None
    assert answer.json["detail"]
    kept = acme.store.reports[answer.json["report_id"]]
    assert kept.outcome.verdict == verdict
    assert kept.incoming.raw_query == query[:16_384]
    assert not acme.store.conversions
    assert not acme.store.deliveries


async def test_a_forged_click_id_is_known_without_a_look_up(acme):
    """Charlie makes up an ID of the right shape."""
    forged = make_click_id(NOW_MS, LINK_NUMBER, b"charlie!")
    from redound.core.ids import mint_click_id

    forged = mint_click_id(OTHER_KEYS, NOW_MS, LINK_NUMBER, b"charlie!")
    answer = await acme.ask(f"/postback?click_id={forged}")
    assert (answer.status, answer.verdict) == (400, "malformed_click_id")


async def test_a_report_of_10000_parameters_in_a_body_is_malformed_and_kept(acme):
    """It is not read further than needed."""
    body = "&".join(f"p{number}=1" for number in range(10_000))[:60_000].encode()
    answer = await acme.ask(f"/postback?click_id={CLICK.id}", method="POST", body=body)
    assert (answer.status, answer.verdict) == (400, "malformed")
    (report,) = acme.store.reports.values()
    assert report.incoming.raw_body == body.decode()


async def test_a_body_beyond_the_limit_is_kept_up_to_it(acme):
    """64 KiB are kept of 200."""
    answer = await acme.ask("/postback", method="POST", body=b"txid=" + b"y" * 200_000)
    assert (answer.status, answer.verdict) == (400, "malformed")
    (report,) = acme.store.reports.values()
    assert len(report.incoming.raw_body) == 65_536


@pytest.mark.parametrize(
    "body", [b"[1, 2]", b'{"click_id": ', b'{"a": {"b": 1}}', b"[" * 60_000, b'{"txid":"\\ud800"}', b'\xff{"']
)
async def test_json_that_is_no_plain_object_is_malformed(acme, body):
    """Lists, broken JSON, nesting, half surrogates: kept, refused, no error of ours."""
    answer = await acme.ask(
        "/postback", method="POST", headers={"Content-Type": "application/json"}, body=body
    )
    assert (answer.status, answer.verdict) == (400, "malformed")


async def test_a_file_upload_is_malformed(acme):
    """A form with files is none that is read; the sentence says what is."""
    answer = await acme.ask(
        "/postback", method="POST", headers={"Content-Type": "multipart/form-data; boundary=x"}, body=b"--x--"
    )
    assert answer.verdict == "malformed"
    assert "multipart/form-data" in answer.json["detail"]


async def test_bytes_that_are_not_utf8_are_kept_legibly(acme):
    """They are shown as escapes; NUL characters cannot be stored as such."""
    await acme.ask("/postback", method="POST", body=b"txid=\xff\xfe\x00")
    (report,) = acme.store.reports.values()
    assert "\\xff\\xfe" in report.incoming.raw_body
    assert "\0" not in report.incoming.raw_body


TOKEN = "tok-1234567890"
ACME = make_advertiser(token_digests=frozenset({hashlib.sha256(TOKEN.encode()).hexdigest()}))


@pytest.mark.parametrize("where", ["query", "path", "form", "json"])
async def test_a_token_is_accepted_and_never_stored(edge_of, where):
    """In whatever place it comes, what is kept of the request does not hold it."""
    edge = await edge_of(ACME)
    await edge.store.add_clicks([CLICK])
    ask = {
        "query": {"target": f"/postback?click_id={CLICK.id}&token={TOKEN}"},
        "path": {"target": f"/postback/{TOKEN}?click_id={CLICK.id}"},
        "form": {
            "target": f"/postback?click_id={CLICK.id}",
            "method": "POST",
            "body": f"token={TOKEN}".encode(),
        },
        "json": {
            "target": "/postback",
            "method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"token": TOKEN, "click_id": CLICK.id}).encode(),
        },
    }[where]
    answer = await edge.ask(**ask)
    assert (answer.status, answer.verdict) == (200, "accepted")
    (report,) = edge.store.reports.values()
    assert TOKEN not in report.incoming.raw_query + report.incoming.raw_body
    assert CLICK.id in report.incoming.raw_query + report.incoming.raw_body


@pytest.mark.parametrize("target", ["/postback?token=wrong-token", "/postback/wrong-token"])
async def test_a_wrong_token_is_refused_and_masked(edge_of, target):
    """Charlie guesses; not even his guess is stored."""
    edge = await edge_of(ACME)
    await edge.store.add_clicks([CLICK])
    separator = "&" if "?" in target else "?"
    answer = await edge.ask(f"{target}{separator}click_id={CLICK.id}")
    assert (answer.status, answer.verdict) == (401, "bad_token")
    (report,) = edge.store.reports.values()
    assert "wrong-token" not in report.incoming.raw_query
    assert not edge.store.conversions


async def test_the_wanted_body_is_answered_as_inert_text(acme):
    """`return=` is echoed, as text that no browser runs."""
    answer = await acme.ask(f"/postback?click_id={CLICK.id}&return=%3Cscript%3EOK")
    assert answer.status == 200
    assert answer.body == b"<script>OK"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.verdict == "accepted"


async def test_a_refused_report_answers_why_instead_of_the_wanted_body(acme):
    """A sender that looks at the body alone must not read OK."""
    answer = await acme.ask("/postback?click_id=abc&return=OK")
    assert answer.json["verdict"] == "malformed_click_id"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_refused_with_what_is_allowed(acme, method):
    """Nothing is kept of them."""
    answer = await acme.ask("/postback", method=method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST"
    assert not acme.store.reports


async def test_leased_deliveries_go_to_the_worker_of_this_process(edge_of):
    """They are handed over after the commit, and nobody needs to be woken."""
    edge = await edge_of(
        make_postback(), handoff=lambda: Handoff("lease-1", int(time.time() * 1000) + 60_000, 10)
    )
    await edge.store.add_clicks([CLICK])
    await edge.ask(f"/postback?click_id={CLICK.id}")
    assert [delivery.lease for delivery in edge.handed] == ["lease-1"]
    assert not edge.hints


async def test_a_report_is_turned_away_while_the_database_is_away(acme):
    """503 with Retry-After, and nothing pretends to be stored."""
    acme.store.unavailable = True
    answer = await acme.ask(f"/postback?click_id={CLICK.id}")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert "x-redound-verdict" not in answer.headers
    acme.store.unavailable = False
    assert (await acme.ask(f"/postback?click_id={CLICK.id}")).verdict == "accepted"


class SlowStore(MemoryStore):
    """A database whose transactions wait for the test."""

    def __init__(self, *args):
        super().__init__(*args)
        self.gate = asyncio.Event()

    async def apply_reports(self, incoming, decide, handoff):
        """Wait, then do it."""
        await self.gate.wait()
        return await super().apply_reports(incoming, decide, handoff)


async def test_reports_beyond_the_bound_are_turned_away(edge_of, monkeypatch):
    """Five may wait: of ten at once five are answered 503, the others when the database is through."""
    monkeypatch.setattr("redound.edge.intake.BOUND", 5)
    store = SlowStore(configuration())
    edge = await edge_of(store=store)
    await edge.store.add_clicks([CLICK])
    asking = [asyncio.create_task(edge.ask(f"/postback?click_id={CLICK.id}")) for _ in range(10)]
    await until(lambda: sum(task.done() for task in asking) == 5)
    store.gate.set()
    statuses = sorted([(await task).status for task in asking])
    assert statuses == [200] * 5 + [503] * 5


async def test_a_failing_store_call_answers_503_and_the_next_batch_goes_through(acme):
    """An error nobody foresaw loses nothing: the sender is asked to come again."""
    apply_reports = acme.store.apply_reports

    async def fails(*_):
        raise RuntimeError("unforeseen")

    acme.store.apply_reports = fails
    assert (await acme.ask(f"/postback?click_id={CLICK.id}")).status == 503
    acme.store.apply_reports = apply_reports
    assert (await acme.ask(f"/postback?click_id={CLICK.id}")).status == 200


async def test_a_client_that_leaves_in_the_middle_of_a_body_is_forgotten(acme):
    """Nothing is kept of half a request."""
    _, writer = await asyncio.open_connection("127.0.0.1", acme.port)
    writer.write(b"POST /postback HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nclick_id=")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await acme.ask("/healthz")).status == 200
    assert not acme.store.reports


async def test_unavailability_is_told_apart_from_our_errors(acme):
    """The metrics say which it was."""

    async def away(*_):
        raise StoreUnavailableError

    acme.store.apply_reports = away
    await acme.ask("/postback")
    assert acme.edge.counters.shed == {"store_away": 1}
