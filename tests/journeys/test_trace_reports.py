"""Traces of clicks whose reports were refused, came with another ID, or never came."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.journeys.process import eventually
from tests.journeys.tracing import convert, gone_click, sql, told
from tests.journeys.world import make_scene

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene


def test_reports_that_say_something_unreadable(bob: Client, scene: Scene):
    """Each of the refusals, on a click of its own."""
    said = {
        "report_unknown_goal": {"goal": "nonsense"},
        "report_unknown_status": {"status": "zzz"},
        "report_bad_amount": {"amount": "2,50"},
        "report_bad_currency": {"currency": "DOLLAR"},
        "report_unreplaced_macro": {"txid": "{transaction_id}"},
    }
    for code, claim in said.items():
        click = bob.click(scene.code, sub1="tracker-click-1")
        assert bob.report(click_id=click, **claim).status == 400
        told(bob, click, code)


def test_a_report_that_cannot_be_read(bob: Client, scene: Scene):
    """Two names of one field contradict each other."""
    click = bob.click(scene.code)
    reply = bob.request("GET", f"/postback?click_id={click}&amount=1&payout=2", None, {})
    assert reply.headers["x-redound-verdict"] == "malformed"
    [received] = [one for one in bob.read("reports?verdict=malformed")["data"] if click in one["raw_query"]]
    told(bob, received["id"], "report_malformed")


def test_reports_of_the_wrong_sender(bob: Client, scene: Scene):
    """No token, then the right one from an address that is not on the list."""
    bob.edit(f"advertisers/{scene.advertiser}", tokens=["the-token"])
    scene.settle()
    click = bob.click(scene.code)
    assert bob.report(click_id=click).status == 401
    told(bob, click, "report_bad_token")
    bob.edit(f"advertisers/{scene.advertiser}", allowed_ips=["198.51.100.0/24"])
    scene.settle()
    assert bob.report(click_id=click, token="the-token").status == 403
    told(bob, click, "report_ip_not_allowed")


def test_reports_for_clicks_made_after_a_pause(bob: Client, scene: Scene):
    """The offer's, then the affiliate's."""
    for noun, row_id, code in (
        ("offers", scene.offer, "report_offer_paused"),
        ("affiliates", scene.affiliate, "report_affiliate_paused"),
    ):
        click = bob.click(scene.code)
        bob.edit(f"{noun}/{row_id}", status="paused")
        # The click came in the moment before the edge knew of the pause.
        sql(bob.installation, "UPDATE clicks SET created_at = created_at + 60000 WHERE id = ?", click)
        eventually(lambda: bob.request("HEAD", f"/c/{scene.code}").status == 403, what="the pause is known")
        assert bob.report(click_id=click).status == 403
        told(bob, click, code)
        bob.edit(f"{noun}/{row_id}", status="active")
        scene.settle()


def test_reports_that_come_too_late(bob: Client, scene: Scene):
    """After the window; and when the click is not stored any more."""
    bob.edit(f"offers/{scene.offer}", conversion_window_days=30)
    scene.settle()
    click = bob.click(scene.code)
    days = 40 * 86_400_000
    sql(bob.installation, "UPDATE clicks SET created_at = created_at - ? WHERE id = ?", days, click)
    assert bob.report(click_id=click).status == 404
    told(bob, click, "report_too_late")
    gone = gone_click(scene, time.time_ns() // 1_000_000 - 86_400_000)
    assert bob.report(click_id=gone, txid="T-gone").status == 404
    told(bob, "T-gone", "report_click_not_stored")


def test_reports_that_repeat_what_is_known(bob: Client, scene: Scene):
    """A second sale of a goal that counts once; a change that reports may not make."""
    click = bob.click(scene.code)
    assert bob.report(click_id=click, txid="T-1", status="rejected").status == 200
    assert bob.report(click_id=click, txid="T-2", status="approved").status == 200
    told(bob, "T-2", "report_status_not_allowed")
    other = bob.click(scene.code)
    assert bob.report(click_id=other, txid="T-3").status == 200
    assert bob.report(click_id=other, txid="T-4").json["verdict"] == "duplicate"
    told(bob, "T-4", "report_duplicate")


def test_reports_with_another_id(bob: Client, scene: Scene):
    """None at all, an order number, a txid, the tracker's own ID in three forms, ours cut off."""
    assert bob.report(txid="T-without").status == 400
    told(bob, "T-without", "report_without_click_id")
    assert bob.report(click_id="order-4711").status == 400
    told(bob, "order-4711", "report_other_id")
    convert(bob, scene, txid="T-known")
    assert bob.report(click_id="T-known", txid="T-mixed").status == 400
    told(bob, "T-mixed", "report_wrong_slot")
    forms = {
        "tracker_id_sent": ("Tracker-Click-001", "Tracker-Click-001"),
        "tracker_id_case_changed": ("Tracker-Click-002", "tracker-click-002"),
        "tracker_id_cut": ("Tracker-Click-003-xyz", "Tracker-Click-003"),
    }
    for code, (sent, claimed) in forms.items():
        click = bob.click(scene.code, sub1=sent)
        assert bob.report(click_id=claimed).status == 400
        told(bob, click, code)
    click = bob.click(scene.code)
    assert bob.report(click_id=click[:32]).status == 400
    told(bob, click, "our_id_cut")


def test_nothing_was_reported(bob: Client):
    """Never for the offer; then for others only; then not any more; then for none in particular."""
    scene = make_scene(bob)
    first = bob.click(scene.code, sub1="first-click")
    told(bob, first, "never_reported")
    other = bob.click(scene.code, sub1="other-click")
    told(bob, other, "never_reported")
    bob.report(click_id=other)
    told(bob, first, "not_reported")
    third = bob.click(scene.code, sub1="third-click")
    told(bob, third, "advertiser_silent")
    same = bob.click(scene.code, sub1="other-click")
    told(bob, same, "converted_on_other_click")


def test_reports_that_lead_to_no_click(bob: Client):
    """The advertiser reports, but without click IDs: one of these may be the one that is missed."""
    scene = make_scene(bob)
    bob.edit(f"advertisers/{scene.advertiser}", tokens=["t-strays"])
    scene.settle()
    click = bob.click(scene.code)
    for txid in ("S-1", "S-2"):
        assert bob.report(txid=txid, token="t-strays").status == 400
    found = told(bob, click, "reports_without_click")
    assert found["diagnosis"]["evidence"]["count"] == 2


def test_our_own_failure_is_called_ours(bob: Client, scene: Scene):
    """A report that could not be stored as it should; the row is made here, since nothing else fails so."""
    click = bob.click(scene.code)
    bob.report(click_id=click, goal="nonsense")
    sql(bob.installation, "UPDATE reports SET verdict = 'internal_error' WHERE click_id = ?", click)
    told(bob, click, "report_our_fault")
