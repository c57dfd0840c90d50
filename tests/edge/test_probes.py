"""The balancer and Prometheus look in."""

from __future__ import annotations

import pytest

from tests.builders import make_link

CODE = make_link().code


async def test_healthz_says_that_the_process_lives(edge):
    """Even while the database is away: a restart would not help."""
    edge.store.unavailable = True
    answer = await edge.ask("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_readyz_says_that_traffic_is_welcome(edge):
    """All checks hold."""
    answer = await edge.ask("/readyz")
    assert answer.status == 200
    assert answer.json["ready"] is True
    assert set(answer.json["checks"].values()) == {"ok"}


async def test_readyz_names_what_is_wrong_with_the_database(edge):
    """503, so that the balancer sends traffic elsewhere."""
    edge.store.unavailable = True
    answer = await edge.ask("/readyz")
    assert answer.status == 503
    assert answer.json["checks"]["database"] == "the test has taken the database away"
    assert answer.json["checks"]["configuration"] == "ok"


async def test_readyz_names_a_stale_configuration(edge, monkeypatch):
    """Links made meanwhile would be unknown here."""
    monkeypatch.setattr("redound.edge.probes.STALE_SECONDS", -1.0)
    answer = await edge.ask("/readyz")
    assert answer.status == 503
    assert "seconds old" in answer.json["checks"]["configuration"]


async def test_readyz_names_a_worker_that_does_not_beat(edge_of):
    """Reports would be taken and nobody would hear of them."""
    edge = await edge_of(worker_problem=lambda: "no heartbeat for 30 seconds")
    answer = await edge.ask("/readyz")
    assert answer.status == 503
    assert answer.json["checks"]["worker"] == "no heartbeat for 30 seconds"


async def test_readyz_fails_while_the_process_stops(edge_of):
    """The balancer is told before the door closes."""
    edge = await edge_of(stopping=lambda: True)
    answer = await edge.ask("/readyz")
    assert (answer.status, answer.json["checks"]["process"]) == (503, "stopping")


async def test_metrics_count_what_happened(edge):
    """Clicks, refusals by code, reports by verdict, commits."""
    for _ in range(3):
        await edge.ask(f"/c/{CODE}")
    await edge.ask("/c/0000000")
    await edge.ask("/postback")
    answer = await edge.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = set(answer.body.decode().splitlines())
    assert "redound_clicks_total 3.0" in lines
    assert 'redound_clicks_refused_total{code="unknown_link"} 1.0' in lines
    assert 'redound_reports_total{verdict="missing_click_id"} 1.0' in lines
    assert "redound_report_commit_seconds_count 1.0" in lines
    assert "redound_spill_pending 0.0" in lines


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_are_only_read(edge, path):
    """Anything else is answered with what is allowed."""
    answer = await edge.ask(path, method="POST", body=b"x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_other_paths_lead_nowhere_on_an_edge_alone(edge):
    """The console is elsewhere."""
    answer = await edge.ask("/manage/")
    assert answer.status == 404
