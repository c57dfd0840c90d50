"""Traffic for tests of the console: clicks, reports and attempts, stored by the plans that the planes use."""

from __future__ import annotations

import secrets
from typing import Any

from redound.core.clicks import Click
from redound.core.conversions import Facts, Incoming
from redound.core.decisions import decide_report
from redound.core.deliveries import (
    AttemptResult,
    Delivered,
    ErrorKind,
    Fault,
    GivenUp,
    Health,
    LeasedDelivery,
    Queue,
    Recorded,
    Response,
    SentRequest,
)
from redound.core.ids import mint_click_id
from redound.core.reports import Claim
from redound.store.plans.notices import disabling_steps
from redound.store.plans.reports import report_steps
from redound.store.plans.steps import Step
from redound.store.rows import sending
from redound.store.rows import traffic as rows


def perform(steps) -> None:
    """Run the steps of a plan in a transaction of their own."""
    from django.db import transaction

    from redound.console import named

    with transaction.atomic():
        named.perform(steps)


def open_click(world, link_id: str | None = None, **fields: Any) -> str:
    """Store a click on Alice's link (or another); return its ID."""
    from redound.console import runtime
    from redound.console.catalog.models import Link
    from redound.console.clock import now_ms

    link = Link.objects.select_related("campaign", "offer").get(pk=link_id or world.link)
    now = now_ms()
    click_id = mint_click_id(runtime.vault().click_keys, now, link.number, secrets.token_bytes(8))
    click = Click(
        id=click_id,
        link_id=link.pk,
        affiliate_id=link.campaign.affiliate_id,
        campaign_id=link.campaign_id,
        offer_id=link.offer_id,
        brand_id=link.offer.brand_id,
        created_at=now,
        **(
            {"ip": "203.0.113.7", "params": {"sub1": "TRACKER-1", "source": "blog", "banner": "red"}} | fields
        ),
    )
    perform([Step("add_click", rows.click_values(click))])
    return click_id


def report(click_id: str, **claim: Any) -> Any:
    """Have an advertiser report a conversion of the click; return the decision that was stored."""
    from redound.console import changing, runtime
    from redound.console.catalogue import Catalogue
    from redound.console.clock import now_ms
    from redound.console.identity import fresh_id
    from redound.console.traffic.models import Conversion

    incoming = Incoming(
        report_id=fresh_id("rpt"),
        received_at=now_ms(),
        method="GET",
        raw_query=f"click_id={click_id}&token=***",
        raw_body="",
        content_type="",
        ip="198.51.100.9",
        claim=Claim(click_id=click_id, **claim),
    )
    known = Conversion.objects.filter(click_id=click_id).values_list(*rows.CONVERSION)
    facts = Facts(click=changing.stored_click(click_id), by_click=tuple(map(rows.conversion, known)))
    decision = decide_report(incoming, facts, Catalogue(), runtime.vault().click_keys, fresh_id)
    perform(report_steps(decision))
    return decision


def convert(world, link_id: str | None = None, **claim: Any) -> str:
    """Store a click and its conversion; return the conversion's ID."""
    decision = report(open_click(world, link_id), **claim)
    return decision.outcome.conversion.id


def attempt(delivery_id: str, *, status: int = 200, number: int = 1, body: str = "OK") -> str:
    """Record an attempt and the delivery's end (delivered for 200, else failed); return the attempt's ID."""
    from redound.console.clock import now_ms
    from redound.console.identity import fresh_id
    from redound.console.traffic.models import Delivery

    row = Delivery.objects.get(pk=delivery_id)
    leased = LeasedDelivery(
        id=row.id,
        postback_id=row.postback_id,
        conversion_id=row.conversion_id,
        click_id=row.click_id,
        values=row.macro_values,
        test=row.test,
        created_at=row.created_at,
        queue=Queue.FRESH,
        lease="",
        attempts=number - 1,
    )
    result = AttemptResult(
        request=SentRequest("GET", "http://127.0.0.1:9000/?cid=1", (("Accept", "*/*"), ("X-Token", "••••"))),
        started_at=now_ms(),
        duration_ms=12,
        fault=Fault.NONE if status == 200 else Fault.RECEIVER,
        response=Response(status, (("Server", "tracker"),), body),
        error_kind=ErrorKind.NONE if status == 200 else ErrorKind.STATUS,
    )
    ended = Delivered() if status == 200 else GivenUp("attempts_exhausted")
    record = Recorded(fresh_id("att"), leased, result, ended)
    perform(
        [
            Step("add_attempt", sending.attempt_values(record)),
            Step("end_due", (row.id,)),
            Step(
                "finish_delivery",
                (row.id, "delivered" if status == 200 else "failed", "", number, result.started_at),
            ),
        ]
    )
    return record.attempt_id


def disable(postback_id: str) -> None:
    """Have the worker disable a postback after its failures."""
    from redound.console.clock import now_ms

    health = Health(postback_id, "disabled", 25, 25, now_ms(), None, now_ms(), "25 attempts failed", "{}")
    perform([Step("put_health", sending.health_values(health)), *disabling_steps(health, now_ms())])


def a_worker_lives() -> None:
    """Note that a worker was seen just now."""
    from redound.console.clock import now_ms

    perform([Step("put_worker", ("node-1", "deliver", now_ms()))])


def bump(conversion_id: str) -> None:
    """Change a conversion's version as a report of another process would, in the present transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversions SET version = version + 1 WHERE id = %s", [conversion_id])
