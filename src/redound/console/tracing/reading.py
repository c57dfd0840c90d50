"""Reading the facts of a trace: a bounded number of look-ups, each by an index or over the latest rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Q

from redound.console import named
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.tracing import rows
from redound.console.tracing.looking import conversions_of, ids, noted
from redound.console.traffic.models import PostbackHealth, Transition, Worker
from redound.core.evaluating import examine_click, examine_transition
from redound.core.ids import id_floor
from redound.core.reports import Verdict
from redound.core.trace.facts import Facts, NearMiss, usual_lengths
from redound.core.trace.likeness import MIN_VALUE, forms
from redound.core.trace.rules.clicks import slots_of
from redound.core.trace.sub_values import day_of, value_key, worth_finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.tracing.resolving import Found
    from redound.console.tracing.scope import Scope
    from redound.console.traffic import models
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.core.evaluating import Evaluation

MOST_REPORTS = 100
MOST_DELIVERIES = 200
MOST_ATTEMPTS = 200
LATEST_REPORTS = 2_000
LATEST_CONVERSIONS = 2_000
OTHER_CLICKS = 20
NEAR_DAYS = 30


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows behind the facts, for showing them as the API's lists do."""

    click: models.Click | None
    reports: list[models.Report]
    conversions: list[models.Conversion]
    transitions: list[models.Transition]
    deliveries: list[models.Delivery]
    attempts: list[models.Attempt]


def read(found: Found, scope: Scope) -> tuple[Facts, Stored]:
    """Return all that this person may know about what was found, and the rows that it was read from."""
    stored = _stored(found, scope)
    catalogue = Catalogue()
    conversions = tuple(map(rows.conversion, stored.conversions))
    subject = stored.click or next(iter(stored.conversions), None)
    offer = catalogue.offer(subject.offer_id) if subject is not None else None
    facts = Facts(
        asked=found.asked,
        now_ms=now_ms(),
        click=rows.click(stored.click) if stored.click is not None else None,
        offer=offer,
        affiliate=catalogue.affiliate(subject.affiliate_id) if subject is not None else None,
        goals={goal.id: goal for goal in offer.goals} if offer is not None else {},
        reports=tuple(map(rows.report, stored.reports)),
        conversions=conversions,
        transitions=tuple(map(rows.transition, stored.transitions)),
        evaluated=tuple(rows.evaluated(stored.transitions)),
        deliveries=rows.deliveries(stored.deliveries, stored.attempts),
        worker_seen_at=Worker.objects.filter(role="deliver")
        .order_by("-seen_at")
        .values_list("seen_at", flat=True)
        .first(),
    )
    facts = _with_postbacks(facts, catalogue, scope)
    return _around(facts, found, scope), stored


def _stored(found: Found, scope: Scope) -> Stored:
    click_id = found.click_id
    click = scope.clicks.filter(pk=click_id).first() if click_id else None
    conversions = list(conversions_of([click_id], scope)) if click_id else []
    report_ids = list(found.report_ids)
    if click_id:
        report_ids += ids("trace_reports_of_clicks", named.array([click_id]), "", MOST_REPORTS)
    reports = list(scope.reports.filter(pk__in=report_ids).order_by("pk")) if report_ids else []
    if not scope.caller.manages:
        # A conversion for a private goal does not exist for an affiliate; nor does the report that made it.
        seen = {"", *(row.id for row in conversions)}
        reports = [row for row in reports if row.conversion_id in seen]
    made = [row.id for row in conversions]
    transitions = list(Transition.objects.filter(conversion_id__in=made).order_by("pk")) if made else []
    clickers: list[str] = []
    if click is not None:
        concerned = Q(affiliate_id=click.affiliate_id) | Q(affiliate=None)
        clickers = list(scope.postbacks.filter(concerned, event="click").values_list("pk", flat=True))
    delivery_ids = ids(
        "trace_deliveries", named.array(made), named.array(clickers), click_id, MOST_DELIVERIES
    )
    if found.asked.kind in {"delivery", "attempt"}:
        delivery_ids.append(found.asked.id)
    deliveries = list(scope.deliveries.filter(pk__in=delivery_ids).order_by("pk")) if delivery_ids else []
    attempts = (
        list(scope.attempts.filter(delivery_id__in=[row.id for row in deliveries]).order_by("pk"))
        if deliveries
        else []
    )
    return Stored(click, reports, conversions, transitions, deliveries, attempts[-MOST_ATTEMPTS:])


def _with_postbacks(facts: Facts, catalogue: Catalogue, scope: Scope) -> Facts:
    """Add the postbacks that are concerned, and what they would make of it today; others' are left out."""
    subject = facts.click or next(iter(facts.conversions), None)
    present = catalogue.postbacks_for(subject.affiliate_id, subject.offer_id) if subject is not None else ()
    wanted = {each.id for each in present}
    wanted |= {each.postback_id for each in facts.evaluated}
    wanted |= {each.postback_id for each in facts.deliveries}
    found = list(scope.postbacks.filter(pk__in=wanted)) if wanted else []
    healths = {
        row.postback_id: row for row in PostbackHealth.objects.filter(pk__in=[row.pk for row in found])
    }
    owners = {row.pk: rows.owner(row, healths.get(row.pk)) for row in sorted(found, key=lambda row: row.pk)}
    return replace(
        facts,
        postbacks=owners,
        evaluated=tuple(each for each in facts.evaluated if each.postback_id in owners),
        now=tuple(each for each in _today(facts, catalogue) if each.postback_id in owners),
    )


def _today(facts: Facts, catalogue: Catalogue) -> list[Evaluation]:
    """Evaluate the first conversion for which nothing fired (else the last), or the click, once more."""
    if not facts.conversions:
        if facts.click is None or facts.offer is None:
            return []
        postbacks = catalogue.postbacks_for(facts.click.affiliate_id, facts.click.offer_id)
        return examine_click(facts.click, facts.offer, facts.affiliate, postbacks)
    told = {each.conversion_id for each in facts.deliveries}
    open_ones = [each for each in facts.conversions if each.id not in told]
    conversion = open_ones[0] if open_ones else facts.conversions[-1]
    changes = [each for each in facts.transitions if each.conversion_id == conversion.id]
    if not changes:
        return []
    fired = frozenset(
        (each.conversion_id, each.postback_id) for each in facts.deliveries if each.conversion_id
    )
    return examine_transition(conversion, changes[-1], facts.click, fired, catalogue)


def _around(facts: Facts, found: Found, scope: Scope) -> Facts:
    """Add what is known about the surroundings of a click for which nothing was reported."""
    click = facts.click
    if click is None:
        return facts
    latest = scope.clicks.filter(affiliate_id=click.affiliate_id).exclude(pk=click.id).order_by("-pk")
    others = dict(latest.values_list("pk", "params")[:OTHER_CLICKS])
    params = dict(zip(others, rows.params_of(others.values()), strict=True))
    facts = replace(facts, usual_lengths=usual_lengths(list(params.values())))
    if facts.conversions:
        return facts
    facts = replace(facts, elsewhere=_elsewhere(facts, click, found, params, scope), near=_near(click, scope))
    return _with_latest_reports(facts, click, scope) if not facts.reports else facts


def _elsewhere(
    facts: Facts, click: Click, found: Found, latest: Mapping[str, Mapping[str, str]], scope: Scope
) -> tuple[Conversion, ...]:
    """Conversions of other clicks with this one's tracker ID, among the latest clicks and those noted.

    It is in the slot that a postback returns first; what else a link carries ("blog") is no identifier.
    """
    slots = {slot for owner in facts.postbacks.values() for slot in slots_of(owner.postback)[:1]} or {"sub1"}
    values = (click.params.get(slot, "") for slot in slots)
    wanted = {value for value in values if len(value) >= MIN_VALUE and worth_finding(value)}
    same = [click_id for click_id, params in latest.items() if not wanted.isdisjoint(params.values())]
    day = day_of(click.created_at)
    keys = [value_key(value) for value in wanted]
    same += noted((day - NEAR_DAYS, day + NEAR_DAYS), keys, OTHER_CLICKS) if keys else []
    others = {*found.others, *same} - {click.id}
    return tuple(map(rows.conversion, conversions_of(others, scope).reverse()))


def _near(click: Click, scope: Scope) -> tuple[NearMiss, ...]:
    """Reports since the click that name something like it. They are nobody's, so only managers see them."""
    if not scope.caller.manages:
        return ()
    wanted = forms(click)
    since = id_floor("rpt", click.created_at)
    near = ids("trace_reports_of_clicks", named.array(list(wanted)), since, MOST_REPORTS)
    reports = map(rows.report, scope.reports.filter(pk__in=near).order_by("pk")) if near else ()
    return tuple(NearMiss(report, wanted[report.click_id]) for report in reports if report.click_id in wanted)


def _with_latest_reports(facts: Facts, click: Click, scope: Scope) -> Facts:
    """Add when the offer was last reported for, and (for managers) the reports that led to no click."""
    if not scope.caller.manages:
        values = (click.affiliate_id, click.offer_id, LATEST_CONVERSIONS)
        last = named.select("trace_last_conversion", *values)[0]["at"]
        return replace(facts, offer_reported_at=last)
    latest = named.select("trace_recent_reports", "", LATEST_REPORTS)
    last = next((row["received_at"] for row in latest if row["offer_id"] == click.offer_id), None)
    return replace(facts, offer_reported_at=last, strays=_strays(latest, facts, click))


def _strays(latest: list[named.Row], facts: Facts, click: Click) -> dict[Verdict, int]:
    """Count the reports since the click that are the advertiser's, or may be, and led to no click."""
    if facts.offer is None:
        return {}
    theirs = {facts.offer.advertiser_id}
    advertiser = Catalogue().advertiser(facts.offer.advertiser_id)
    if advertiser is not None and not advertiser.token_digests:
        theirs.add("")
    return dict(
        Counter(
            Verdict(row["verdict"])
            for row in latest
            if row["received_at"] >= click.created_at
            and not row["affiliate_id"]
            and row["advertiser_id"] in theirs
        )
    )
