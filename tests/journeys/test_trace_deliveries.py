"""Traces of callbacks that wait, were ended, or could not be brought to the tracker."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.journeys.process import eventually
from tests.journeys.tracing import ONCE, convert, sql, told
from tests.receiver import Answer, Receiver, hang, held, raw, reset

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.process import Installation
    from tests.journeys.world import Scene


def test_callbacks_that_wait(bob: Client, scene: Scene, tracker: Receiver):
    """For the delay; for the answer; for somebody to switch the postback on again."""
    postback = scene.postback(tracker.url("/"), delay_seconds=600)
    delayed = convert(bob, scene)
    told(bob, delayed, "delivery_delayed")
    bob.edit(f"postbacks/{postback}", enabled=False)
    told(bob, delayed, "parked_switched_off")
    bob.edit(f"postbacks/{postback}", enabled=True, delay_seconds=0)
    scene.settle()
    tracker.always(held())
    told(bob, convert(bob, scene), "delivery_in_work")
    tracker.release()


def test_callbacks_that_were_ended(bob: Client, scene: Scene, tracker: Receiver):
    """By hand, by time, by whoever resumed only what is newer, by deleting the postback."""
    postback = scene.postback(tracker.url("/"), delay_seconds=600)
    for code, reason in (("delivery_cancelled", "by_hand"), ("parked_too_long", "parked_too_long")):
        click = convert(bob, scene)
        # What takes 30 days, or a page that is not here yet, is put into the rows.
        ended = "UPDATE deliveries SET state = 'cancelled', ended_because = ? WHERE click_id = ?"
        sql(bob.installation, ended, reason, click)
        told(bob, click, code)
    old = convert(bob, scene)
    bob.edit(f"postbacks/{postback}", enabled=False)
    told(bob, old, "parked_switched_off")
    assert (
        bob.api("POST", f"postbacks/{postback}/enable", {"resume_since": "2099-01-01T00:00:00Z"}).status
        == 200
    )
    told(bob, old, "not_resumed")
    scene.settle()
    click = convert(bob, scene)
    assert bob.api("DELETE", f"postbacks/{postback}").status < 300
    told(bob, click, "postback_deleted")


def test_an_older_callback_is_superseded(bob: Client, scene: Scene, tracker: Receiver):
    """The pending one failed and waits, the approved one got through."""
    tracker.answers(Answer(status=500), Answer(status=500))
    scene.postback(tracker.url("/"), **ONCE)
    click = convert(bob, scene, status="pending")
    tracker.wait(1)
    bob.report(click_id=click, status="approved")
    tracker.wait(3)
    conversion = bob.read(f"trace?q={click}")["conversions"][0]["id"]
    ended = eventually(
        lambda: list(bob.every("deliveries", conversion_id=conversion, state="cancelled")), what="superseded"
    )
    told(bob, ended[0]["id"], "delivery_superseded")
    told(bob, click, "delivered")


def test_a_disabled_postback(bob: Client, scene: Scene, tracker: Receiver):
    """25 failures, then parked; and 410, which disables at once."""
    tracker.always(Answer(status=500))
    scene.postback(tracker.url("/"))
    found = told(bob, convert(bob, scene), "disabled_by_failures")
    assert found["diagnosis"]["evidence"]["attempts"] == 25
    assert "receiver_error" in [each["code"] for each in found["further"]]
    told(bob, convert(bob, scene), "parked_disabled")


def closed_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_trackers_that_cannot_be_reached(bob: Client, scene: Scene, tracker: Receiver):
    """Refused, broken off, too slow, not HTTP, a certificate that nobody vouches for, a private address."""
    postback = scene.postback(f"http://127.0.0.1:{closed_port()}/?c={{sub1}}", **ONCE)
    told(bob, convert(bob, scene), "connection_refused")
    bob.edit(f"postbacks/{postback}", url=tracker.url("/?c={sub1}"))
    for answer, code in (
        (reset(), "connection_broken"),
        (hang(), "timed_out"),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n", then="close"), "answer_not_http"),
    ):
        tracker.always(answer)
        scene.settle()
        told(bob, convert(bob, scene), code)
    with Receiver(tls="self_signed") as own:
        bob.edit(f"postbacks/{postback}", url=own.url("/?c={sub1}"))
        scene.settle()
        told(bob, convert(bob, scene), "certificate_rejected")
    change = "UPDATE postbacks SET url = ? WHERE id = ?"
    # The API would refuse both: an address that leads inside only later, and a macro of an older version.
    sql(bob.installation, change, "http://10.255.255.1:9000/?c={sub1}", postback)
    scene.settle()
    told(bob, convert(bob, scene), "refused_by_guard")
    sql(bob.installation, change, tracker.url("/?c={not_a_macro}"), postback)
    scene.settle()
    told(bob, convert(bob, scene), "template_broken")


def test_trouble_that_a_test_must_not_make(bob: Client, scene: Scene):
    """Names are not looked up outside, and our process does not fail on demand: the rows are made here."""
    scene.postback(f"http://127.0.0.1:{closed_port()}/?c={{sub1}}", **ONCE)
    click = convert(bob, scene)
    told(bob, click, "connection_refused")
    for kind, code in (
        ("dns_not_found", "host_not_found"),
        ("dns_failed", "name_service_failed"),
        ("internal", "delivery_our_fault"),
    ):
        change = (
            "UPDATE attempts SET error_kind = ? "
            "WHERE delivery_id IN (SELECT id FROM deliveries WHERE click_id = ?)"
        )
        sql(bob.installation, change, kind, click)
        told(bob, click, code)


def test_nobody_sends(empty: Installation):
    """The server was stopped with a callback on its list; `redound trace` says that nothing runs."""
    import json

    from tests.journeys.world import make_scene

    bob = empty.manager()
    empty.start()
    bob.base_url = empty.base_url
    scene = make_scene(bob)
    scene.postback("http://127.0.0.1:9/?c={sub1}".replace(":9/", f":{closed_port()}/"), delay_seconds=600)
    click = convert(bob, scene)
    told(bob, click, "delivery_delayed")
    assert empty.stop() == 0
    sql(empty, "UPDATE due SET at = at - 3600000")
    assert json.loads(empty.run("trace", "--json", click).stdout)["diagnosis"]["code"] == "no_worker"
    now = sql(empty, "SELECT max(created_at) FROM deliveries")[0][0]
    sql(
        empty, "INSERT INTO workers (node, role, started_at, seen_at) VALUES ('n', 'deliver', ?, ?)", now, now
    )
    found = json.loads(empty.run("trace", "--json", click).stdout)["diagnosis"]
    assert found["code"] == "delivery_overdue"
