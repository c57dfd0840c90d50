"""Incidents: what the watch found to be unlike the usual, and whether it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from redound.console.accounts.callers import Caller
from redound.console.catalog.models import Advertiser, Offer
from redound.console.columns import read_json
from redound.console.filters import Filters, Text, one_of
from redound.console.forms import Instant, Shape
from redound.console.postbacks.models import Postback
from redound.console.records.record import Record, by_id_time, exactly
from redound.console.render import Values, maybe_moment_ms, moment_ms
from redound.console.traffic.models import Incident
from redound.core.trace.causes import Language
from redound.core.watch import words
from redound.core.watch.kinds import NOUNS, Evidence, Kind


class EvidenceShape(Shape):
    """Of `total` in the last `hours`, `hits` were so: the share `share`, usually `usual`.

    Where counts are compared, `expected` were to be expected. `days` before were compared with.
    """

    hours: int
    total: int
    hits: int
    share: float
    usual: float | None
    expected: float | None
    days: int


class IncidentShape(Shape):
    """What is not as usual. `name` is that of the postback, offer or advertiser that it is about.

    `text` says what was counted, `advice` what to do. `closed_because` is recovered, quiet or switched_off.
    """

    id: str
    kind: str
    state: str
    title: str
    name: str
    text: str
    advice: str
    evidence: EvidenceShape
    postback_id: str | None
    offer_id: str | None
    advertiser_id: str | None
    affiliate_id: str | None
    opened_at: Instant
    closed_at: Instant | None
    closed_because: str | None
    closing_text: str | None
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class Names:
    """What the subjects of some incidents are called, by ID."""

    of: dict[str, str]

    def name(self, row: Incident) -> str:
        """Return the name of what an incident is about; its ID when that is gone."""
        return self.of.get(row.subject, row.subject)


def visible(caller: Caller) -> QuerySet[Incident]:
    """Managers': all; an affiliate's: those of their own postbacks, while they have any."""
    if caller.manages:
        return Incident.objects.all()
    if not caller.postbacks_enabled:
        return Incident.objects.none()
    return Incident.objects.filter(affiliate_id=caller.affiliate_id).exclude(postback_id="")


def shapes(rows: Sequence[Incident], caller: Caller) -> list[Values]:
    """Return the IncidentShape's values of a page, in English."""
    return told(rows, caller)


def told(rows: Sequence[Incident], caller: Caller, language: Language = "en") -> list[Values]:
    """Return the IncidentShape's values in a language."""
    del caller
    names = _names(rows)
    return [_shape(row, names, language) for row in rows]


def _names(rows: Sequence[Incident]) -> Names:
    nouns = {"postback": Postback, "offer": Offer, "advertiser": Advertiser}
    found: dict[str, str] = {}
    for noun, model in nouns.items():
        ids = {row.subject for row in rows if NOUNS[Kind(row.kind)] == noun and row.subject}
        if ids:
            found.update(model._default_manager.filter(pk__in=ids).values_list("pk", "name"))
    return Names(found)


def _shape(row: Incident, names: Names, language: Language) -> Values:
    kind = Kind(row.kind)
    evidence = Evidence(**read_json(row.evidence))
    return {
        "id": row.id,
        "kind": row.kind,
        "state": "open" if row.closed_at is None else "closed",
        "title": words.title(kind, language),
        "name": names.name(row),
        "text": words.shown_by(kind, evidence, language),
        "advice": words.advice(kind, language),
        "evidence": _evidence(evidence),
        "postback_id": row.postback_id or None,
        "offer_id": row.offer_id or None,
        "advertiser_id": row.advertiser_id or None,
        "affiliate_id": row.affiliate_id or None,
        "opened_at": moment_ms(row.opened_at),
        "closed_at": maybe_moment_ms(row.closed_at),
        "closed_because": row.closed_because or None,
        "closing_text": words.closed_because(row.closed_because, language) if row.closed_because else None,
        "created_at": moment_ms(row.opened_at),
        "updated_at": moment_ms(row.closed_at or row.opened_at),
    }


def _evidence(found: Evidence) -> Values:
    return {
        "hours": found.hours,
        "total": found.total,
        "hits": found.hits,
        "share": round(found.share, 4),
        "usual": None if found.usual is None else round(found.usual, 4),
        "expected": None if found.expected is None else round(found.expected, 1),
        "days": found.days,
    }


def _by_state(rows: QuerySet[Incident], value: str) -> QuerySet[Incident]:
    return rows if "," in value else rows.filter(closed_at__isnull=value == "open")


incidents: Record[Incident] = Record(
    visible,
    shapes,
    {**by_id_time("inc"), "q": exactly("postback_id", "offer_id", "advertiser_id"), "state": _by_state},
)


class IncidentFilters(Filters):
    """Filters of incidents."""

    state: one_of("open", "closed") | None = None  # type: ignore[valid-type]  # made at run time
    kind: one_of(*Kind) | None = None  # type: ignore[valid-type]  # as above
    postback_id: Text | None = None
    offer_id: Text | None = None
    advertiser_id: Text | None = None
    affiliate_id: Text | None = None
