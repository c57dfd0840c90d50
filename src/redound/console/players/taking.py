"""Taking activity in: each fact gets a verdict of its own, and what is fit is stored in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named
from redound.console.catalog.models import Advertiser
from redound.console.clock import now_ms
from redound.console.errors import Fault
from redound.console.identity import fresh_id
from redound.core.activity import (
    FIELDS,
    Activity,
    ActivityProblem,
    ActivityVerdict,
    Known,
    judge_activity,
    read_activity,
)
from redound.core.money import Money
from redound.store.plans.players import activity_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Key = tuple[str, str, str]
    """Advertiser ID, kind, external ID."""

WRITES = frozenset({ActivityVerdict.ACCEPTED, ActivityVerdict.UPDATED})


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of one fact: its ID when it is stored, the faults when it was refused."""

    verdict: ActivityVerdict
    id: str = ""
    faults: tuple[Fault, ...] = ()


def take(given: Sequence[object], source: str, by: str) -> list[Taken]:
    """Store facts; return what was made of each, in order. A bad one leaves the others unharmed."""
    now = now_ms()
    read = [_read(each, source, by, now) for each in given]
    ids = {fact.advertiser_id for fact in read if isinstance(fact, Activity)}
    advertisers = set(Advertiser.objects.filter(pk__in=ids).values_list("pk", flat=True))
    with transaction.atomic():
        known = _known([fact for fact in read if isinstance(fact, Activity)])
        taken, writes = [], []
        for fact in read:
            found = _judge(fact, advertisers, known)
            taken.append(found)
            if isinstance(fact, Activity) and found.verdict in WRITES:
                writes.append(fact)
        named.perform(activity_steps(writes))
    return taken


def _read(given: object, source: str, by: str, now: int) -> Activity | list[ActivityProblem]:
    if not isinstance(given, dict):
        return [ActivityProblem("", "malformed", "A fact is an object with the fields of the documentation.")]
    strange = [
        ActivityProblem(str(name)[:100], "unknown_field", f"{str(name)[:100]!r} is no field of a fact.")
        for name in given
        if name not in FIELDS
    ]
    strange += [
        ActivityProblem(name, "string_type", f"{name} must be a text.")
        for name in FIELDS
        if not isinstance(given.get(name, ""), str)
    ]
    return strange or read_activity(given, new_id=fresh_id("act"), source=source, by=by, now_ms=now)


def _known(facts: Sequence[Activity]) -> dict[Key, Known]:
    ids = list({fact.external_id for fact in facts})
    if not ids:
        return {}
    return {
        (row["advertiser_id"], row["kind"], row["external_id"]): Known(
            row["id"], row["customer_id"], row["at"], Money(row["amount_minor"], row["currency"])
        )
        for row in named.select("activity_by_external", named.array(ids))
    }


def _judge(fact: Activity | list[ActivityProblem], advertisers: set[str], known: dict[Key, Known]) -> Taken:
    if not isinstance(fact, Activity):
        return _refused(fact)
    if fact.advertiser_id not in advertisers:
        return _refused(
            [ActivityProblem("advertiser_id", "unknown_reference", f"There is no {fact.advertiser_id}.")]
        )
    key = (fact.advertiser_id, fact.kind.value, fact.external_id)
    before = known.get(key)
    verdict = judge_activity(fact, before)
    if isinstance(verdict, ActivityProblem):
        return _refused([verdict])
    fact_id = before.id if before is not None else fact.id
    known[key] = Known(fact_id, fact.customer_id, fact.at, fact.amount)
    return Taken(verdict, fact_id)


def _refused(problems: Sequence[ActivityProblem]) -> Taken:
    faults = [
        Fault(f"/{problem.field}" if problem.field else "", problem.code, problem.sentence)
        for problem in problems
    ]
    return Taken(ActivityVerdict.REFUSED, "", tuple(faults))


def as_values(taken: Taken, index: int) -> Mapping[str, object]:
    """Return one verdict as the API shows it."""
    return {
        "index": index,
        "verdict": taken.verdict.value,
        "id": taken.id or None,
        "errors": [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail} for fault in taken.faults
        ],
    }
