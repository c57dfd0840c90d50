"""Trace: the whole story of a click, and the likely cause when something is missing."""

from collections import defaultdict
from collections.abc import Iterator

from redound import gallery
from redound.console.accounts.callers import Caller
from redound.console.catalog.visibility import links
from redound.console.forms import Instant, Shape
from redound.console.postbacks.visibility import postbacks
from redound.console.records import attempts, clicks, conversions, deliveries, reports
from redound.console.records.attempts import AttemptShape
from redound.console.records.clicks import ClickShape
from redound.console.records.conversions import ConversionShape, EvaluationShape
from redound.console.records.deliveries import DeliveryShape
from redound.console.records.reports import ReportShape
from redound.console.render import Values, moment_ms
from redound.console.tracing.reading import Stored, read
from redound.console.tracing.resolving import resolve
from redound.console.tracing.scope import Scope
from redound.core.evaluating import Evaluation
from redound.core.parsing import parse
from redound.core.trace.causes import Diagnosis, Language
from redound.core.trace.diagnosing import diagnose
from redound.core.trace.facts import Asked, Facts
from redound.core.trace.story import tell

MAX_BODY = 4_000
"""Characters of an answer's body that a trace shows; the attempt itself has all of it."""


class AskedShape(Shape):
    """What the text asked for is. `slot` is the parameter of the click that carries it."""

    text: str
    kind: str
    id: str | None
    slot: str | None
    clicks: int
    made_at: Instant | None
    link_id: str | None


class DiagnosisShape(Shape):
    """A cause: in words, with what shows it and what to do. `tone` is problem, waiting or fine."""

    code: str
    tone: str
    text: str
    evidence: dict[str, str | int]
    remedy: str
    docs: str


class EventShape(Shape):
    """One thing that happened."""

    at: Instant
    kind: str
    id: str
    text: str


class ConditionShape(Shape):
    """One condition of a postback, named as the field that sets it."""

    name: str
    met: bool
    wanted: str
    found: str


class WhatIfShape(Shape):
    """What a postback would make of it, condition by condition."""

    postback_id: str
    name: str
    fires: bool
    reason: str
    detail: str | None
    conditions: list[ConditionShape]


class TracedEvaluation(EvaluationShape):
    """What came of one postback for one transition."""

    conversion_id: str


class TracedDelivery(DeliveryShape):
    """A delivery with its attempts, oldest first."""

    attempts_made: int
    attempts: list[AttemptShape]  # type: ignore[assignment]  # a trace has them, a list their number


class TracedTracker(Shape):
    """The tracker that a postback's URL is recognisably for, and what its documentation says."""

    postback_id: str
    slug: str
    name: str
    notes: list[str]
    source: str


class TraceShape(Shape):
    """The whole story. `diagnosis` is the likeliest cause, `further` are others that hold as well.

    `trackers` are those that were called, as far as the gallery knows them.
    `now` is what each postback would make of the latest transition (or of the click) today.
    """

    query: AskedShape
    click: ClickShape | None
    reports: list[ReportShape]
    conversions: list[ConversionShape]
    evaluations: list[TracedEvaluation]
    deliveries: list[TracedDelivery]
    diagnosis: DiagnosisShape | None
    further: list[DiagnosisShape]
    story: list[EventShape]
    now: list[WhatIfShape]
    trackers: list[TracedTracker]


def scope_of(caller: Caller) -> Scope:
    """Return the rows that exist for somebody: those of the API's own lists."""
    own = postbacks(caller)
    return Scope(
        caller,
        clicks.visible(caller),
        reports.visible(caller),
        conversions.visible(caller),
        deliveries.visible(caller),
        attempts.visible(caller),
        own if caller.postbacks_enabled else own.none(),
        links(caller),
    )


def trace(text: str, caller: Caller, language: Language = "en") -> Values:
    """Return the TraceShape's values for what somebody asks for."""
    scope = scope_of(caller)
    facts, stored = read(resolve(text, scope), scope)
    found = diagnose(facts)
    return {
        "query": _asked(facts.asked),
        "click": clicks.shapes([stored.click], caller)[0] if stored.click is not None else None,
        "reports": reports.shapes(stored.reports, caller),
        "conversions": conversions.shapes(stored.conversions, caller),
        "evaluations": _evaluations(facts),
        "deliveries": _deliveries(stored, caller),
        "diagnosis": diagnosis_values(found[0], language) if found else None,
        "further": [diagnosis_values(each, language) for each in found[1:]],
        "story": [
            {
                "at": moment_ms(event.at),
                "kind": event.kind.value,
                "id": event.id,
                "text": event.text(language),
            }
            for event in tell(facts)
        ],
        "now": [what_if(each, facts.name_of(each.postback_id)) for each in facts.now],
        "trackers": list(_trackers(facts)),
    }


def _trackers(facts: Facts) -> Iterator[Values]:
    """Yield the trackers that were called, with the gallery's notes on them."""
    for postback_id in dict.fromkeys(each.postback_id for each in facts.deliveries):
        owner = facts.postbacks.get(postback_id)
        found = gallery.index().recognise(parse(owner.postback.url)) if owner is not None else None
        if found is not None:
            yield {
                "postback_id": postback_id,
                "slug": found.slug,
                "name": found.name,
                "notes": list(found.notes),
                "source": found.source,
            }


def _asked(asked: Asked) -> Values:
    return {
        "text": asked.text,
        "kind": asked.kind.value,
        "id": asked.id or None,
        "slot": asked.slot or None,
        "clicks": asked.clicks,
        "made_at": moment_ms(asked.made_at) if asked.made_at is not None else None,
        "link_id": asked.link.id if asked.link is not None else None,
    }


def diagnosis_values(found: Diagnosis, language: Language) -> Values:
    """Return the DiagnosisShape's values."""
    return {
        "code": found.code,
        "tone": found.cause.tone.value,
        "text": found.text(language),
        "evidence": {
            name: moment_ms(value) if name.endswith("_at") and isinstance(value, int) else value
            for name, value in found.evidence.items()
        },
        "remedy": found.remedy(language),
        "docs": found.cause.anchor,
    }


def _evaluations(facts: Facts) -> list[Values]:
    return [
        {
            "postback_id": each.postback_id,
            "fired": each.fired,
            "reason": each.reason,
            "detail": each.detail or None,
            "delivery_id": each.delivery_id or None,
            "transition_id": each.transition_id,
            "conversion_id": each.conversion_id,
            "at": moment_ms(each.at),
        }
        for each in facts.evaluated
    ]


def _deliveries(stored: Stored, caller: Caller) -> list[Values]:
    made: dict[str, list[Values]] = defaultdict(list)
    for row in stored.attempts:
        shape = attempts.shape(row)
        if shape["response"] and len(shape["response"]["body"]) > MAX_BODY:
            cut = {"body": shape["response"]["body"][:MAX_BODY], "truncated": True}
            shape["response"] = {**shape["response"], **cut}
        made[row.delivery_id].append(shape)
    shapes = deliveries.shapes(stored.deliveries, caller)
    return [{**shape, "attempts_made": shape["attempts"], "attempts": made[shape["id"]]} for shape in shapes]


def what_if(found: Evaluation, name: str) -> Values:
    """Return the WhatIfShape's values."""
    return {
        "postback_id": found.postback_id,
        "name": name,
        "fires": found.fires,
        "reason": found.reason.value,
        "detail": found.detail or None,
        "conditions": [
            {"name": each.name, "met": each.met, "wanted": each.wanted, "found": each.found}
            for each in found.conditions
        ],
    }
