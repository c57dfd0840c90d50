"""The received log: every report with its verdict and checks, and what managers do about refused ones."""

from __future__ import annotations

import pytest

from tests.console.traffic import open_click, report
from tests.portals.signed_in import HOSTILE, alice, bob


def received(world, **fields) -> str:
    """Have a request reach the report URL, stored as the data plane does; return its report's ID."""
    from redound.console import runtime
    from redound.console.catalogue import Catalogue
    from redound.console.clock import now_ms
    from redound.console.identity import fresh_id
    from redound.core.conversions import Facts, Incoming
    from redound.core.decisions import decide_report
    from redound.core.reports import Claim
    from redound.store.plans.reports import report_steps
    from tests.console.traffic import perform

    query = fields.pop("raw_query", "click_id=" + fields.get("click_id", ""))
    incoming = Incoming(
        report_id=fresh_id("rpt"),
        received_at=now_ms(),
        method="GET",
        raw_query=query,
        raw_body="",
        content_type="",
        ip="198.51.100.9",
        claim=Claim(**fields),
    )
    decision = decide_report(incoming, Facts(), Catalogue(), runtime.vault().click_keys, fresh_id)
    perform(report_steps(decision))
    return incoming.report_id


def test_bob_sees_what_came_with_its_verdict(world):
    """Accepted or not; what was sent as click ID, from where, and the report URL itself."""
    click_id = open_click(world)
    made = report(click_id).incoming.report_id
    stray = received(world, click_id="{sub1}")
    page = bob(world).text("/manage/received/")
    assert f'data-id="{made}"' in page
    assert f'data-id="{stray}"' in page
    assert "Macro not replaced" in page
    assert "http://track.test/postback?click_id={click_id}" in page
    assert "198.51.100.9" in page


def test_alice_has_no_received_log(world):
    """Neither in her portal nor in the managers'."""
    made = report(open_click(world)).incoming.report_id
    browser = alice(world)
    assert browser.get("/received/").status_code == 404
    for path in ("", f"{made}/", "rows/?ids=" + made):
        assert browser.get(f"/manage/received/{path}").status_code == 403
    assert browser.post(f"/manage/received/{made}/judge/").status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("verdict=unreplaced_macro", {"stray"}),
        ("verdict=accepted,updated", {"good"}),
        ("verdict=duplicate", set()),
        ("advertiser_id=adv_none", set()),
        ("test=false", {"good", "stray"}),
        ("since=1h", {"good", "stray"}),
        ("q={sub1}", {"stray"}),
    ],
)
def test_filters(world, query, shown):
    """Named as in the API."""
    made = {"good": report(open_click(world)).incoming.report_id, "stray": received(world, click_id="{sub1}")}
    page = bob(world).text(f"/manage/received/?{query}")
    assert {name for name, each in made.items() if f'data-id="{each}"' in page} == shown


def test_a_search_finds_by_click_transaction_and_conversion(world):
    """Whatever ID the advertiser names."""
    decision = report(open_click(world), txid="T-77")
    other = received(world, click_id="nothing")
    browser = bob(world)
    for text in (
        decision.incoming.claim.click_id,
        "T-77",
        decision.outcome.conversion.id,
        decision.incoming.report_id,
    ):
        page = browser.text(f"/manage/received/?q={text}")
        assert f'data-id="{decision.incoming.report_id}"' in page, text
        assert f'data-id="{other}"' not in page, text


def test_the_page_of_a_report_shows_where_it_stopped(world):
    """Checks that were passed, the one that failed with its reason, and those that were not reached."""
    stray = received(world, click_id="{sub1}", raw_query="click_id={sub1}&amount=12&token=***")
    page = bob(world).text(f"/manage/received/{stray}/")
    assert 'class="ok"><div class="r">The request can be read' in page
    assert 'class="bad"><div class="r">No click could be found for it' in page
    assert page.count("(not reached)") == 8
    assert "?click_id={sub1}&amp;amount=12&amp;token=***" in page
    assert '<span class="code c4">400</span>' in page
    assert "Match by hand" in page


def test_an_accepted_report_passed_every_check(world):
    """And leads to its conversion; there is nothing to judge again."""
    decision = report(open_click(world))
    page = bob(world).text(f"/manage/received/{decision.incoming.report_id}/")
    assert "not reached" not in page
    assert f"/manage/conversions/{decision.outcome.conversion.id}/" in page
    assert "Judge again" not in page


def test_bob_matches_by_hand(world):
    """The report is judged as if it had named the click, and what it was worth is paid."""
    from redound.console.traffic.models import Conversion

    click_id = open_click(world)
    stray = received(world, click_id="{sub1}")
    browser = bob(world)
    answer = browser.post(f"/manage/received/{stray}/match/", {"click_id": click_id.upper()})
    assert answer["Location"] == f"/manage/received/{stray}/"
    assert Conversion.objects.get(click_id=click_id).affiliate_id == world.alice_id
    assert "Accepted" in browser.text(f"/manage/received/{stray}/")


def test_a_click_that_is_not_there_is_said(world):
    """Nothing happens then."""
    stray = received(world, click_id="{sub1}")
    answer = bob(world).post(f"/manage/received/{stray}/match/", {"click_id": "nowhere"})
    assert (answer.status_code, "there is no click nowhere" in answer.content.decode()) == (422, True)


def test_bob_judges_one_again(world):
    """As the configuration now stands; an accepted one is not judged again."""
    stray = received(world, click_id="{sub1}")
    browser = bob(world)
    answer = browser.post(f"/manage/received/{stray}/judge/", headers={"HX-Request": "true"})
    assert "Macro not replaced" in answer.content.decode()
    made = report(open_click(world)).incoming.report_id
    assert browser.post(f"/manage/received/{made}/judge/").status_code == 409


def test_bob_judges_what_a_filter_finds(world, monkeypatch):
    """As a job: counted first, then each with a verdict."""
    from redound.console.jobs import starting
    from redound.console.jobs.running import run

    monkeypatch.setattr(starting, "_spawn", lambda _job: None)
    for _ in range(3):
        received(world, click_id="{sub1}")
    received(world, click_id="")
    report(open_click(world))
    browser = bob(world)
    answer = browser.post("/manage/received/judge/", {"query": "?verdict=unreplaced_macro"})
    job = answer["Location"].rstrip("/").rpartition("/")[2]
    assert run(job, rest=lambda _seconds: None).counted == {"judged": 3}
    browser.post(f"/manage/jobs/{job}/confirm/")
    ended = run(job, rest=lambda _seconds: None)
    assert (ended.state, ended.done, ended.counts["still_refused"]) == ("done", 3, 3)


def test_hostile_requests_are_only_text(world):
    """Whoever finds the report URL may write into our pages nothing but text."""
    stray = received(world, click_id=HOSTILE, txid=HOSTILE, raw_query=f"click_id={HOSTILE}")
    browser = bob(world)
    for path in ("/manage/received/?cols=verdict,click_id,txid,detail", f"/manage/received/{stray}/"):
        page = browser.text(path)
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path


def test_tabs_count(world):
    """Of the latest reports."""
    received(world, click_id="{sub1}")
    received(world, click_id="")
    report(open_click(world))
    page = " ".join(bob(world).text("/manage/received/").split())
    assert 'Not matched<span class="c num">2</span>' in page
    assert 'Accepted<span class="c num">1</span>' in page
    assert 'All<span class="c num">3</span>' in page


def test_the_pages_keep_to_their_budgets(world, queries):
    """However many rows there are."""
    report(open_click(world))
    made = [received(world, click_id="{sub1}") for _ in range(3)]
    browser = bob(world)
    queries("received", lambda: browser.get("/manage/received/"))
    queries("report", lambda: browser.get(f"/manage/received/{made[0]}/"))


def test_in_russian(world):
    """Verdicts and checks."""
    stray = received(world, click_id="{sub1}")
    page = bob(world, language="ru").text(f"/manage/received/{stray}/")
    assert "Макрос не заменён" in page
    assert "Клик для него не найден" in page
