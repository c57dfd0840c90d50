"""Reports that somebody of ours vouches for: sent over the API, judged again, matched or made by hand.

They are decided as those of the edge are and stored by the same plans, in one transaction of Django's
connection: what is known is loaded for the whole batch at once, and each query runs once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.identity import fresh_id
from redound.core.bearings import token_digest
from redound.core.conversions import Accepted
from redound.core.decisions import decide_report
from redound.core.reports import Incoming, Refusal, Verdict
from redound.core.states import Actor
from redound.logs import log
from redound.store.batches import decide_one, fallen, place
from redound.store.facts import FactBook, wanted
from redound.store.plans.reports import report_batches
from redound.store.plans.steps import Batch, LostRaceError
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from redound.core.conversions import Facts
    from redound.core.decisions import Decision

    Decide = Callable[[Incoming, Facts], Decision]

TRIES = 4
NOBODY = "nobody in particular"
"""Vouches where neither report nor click tells the advertiser."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """A report without a token. `advertiser_id` is whose it is, "" for that of its click.

    `was` is the verdict that a stored report had (it is judged again), "" for a new one. `by` and `reason`
    name the manager who makes a conversion by hand.
    """

    incoming: Incoming
    advertiser_id: str = ""
    was: str = ""
    by: str = ""
    reason: str = ""


def take(batch: Sequence[Vouched]) -> list[Decision]:
    """Decide and store reports; return what was made of each, in order. A bad one leaves the others unharmed.

    When others change the same conversions meanwhile, all is decided again; what then cannot be stored with
    the rest is stored on its own, and falls out alone as `internal_error` if it cannot be.
    """
    try:
        decisions = _tried(batch)
    except (LostRaceError, DatabaseError) as error:
        log.warning("reports.one_by_one", count=len(batch), error=str(error))
        decisions = [_alone(each) for each in batch]
    note(decisions)
    return decisions


def note(decisions: Sequence[Decision]) -> None:
    """Write the log line of reports that were stored together."""
    verdicts = Counter(each.outcome.verdict.value for each in decisions)
    log.info(
        "reports.taken",
        first_report_id=decisions[0].incoming.report_id if decisions else "",
        verdicts=dict(verdicts),
        deliveries=sum(len(each.deliveries) for each in decisions),
    )


def _tried(batch: Sequence[Vouched]) -> list[Decision]:
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _take(batch)
        except LostRaceError:
            if not left:
                raise
    raise AssertionError  # the last try returns or raises


def weigh(batch: Sequence[Vouched], catalogue: Catalogue | None = None) -> list[Decision]:
    """Decide reports as `take` would at this moment, and store nothing."""
    asked = [_asking(each) for each in batch]
    return _decided(asked, catalogue)


def storing(decisions: Sequence[Decision]) -> list[Batch]:
    """Return what stores new reports that were weighed before the transaction.

    It fails (LostRaceError, DatabaseError) where others have changed the same conversions since: then let it
    leave the transaction, and `take` them.
    """
    return report_batches(decisions, place(new for each in decisions for new in each.deliveries))


def make(vouched: Vouched, by: str, reason: str, delay_ms: int) -> str | Refusal:
    """Make a conversion by hand; return its ID, or why not. Then nothing was stored, not even the attempt.

    Its deliveries wait for `delay_ms`.
    """
    by_hand = replace(vouched, by=by, reason=reason)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _made(by_hand, delay_ms)
        except LostRaceError:
            continue
    return Refusal(Verdict.DUPLICATE, "Others report on this click at the same moment.")


def _made(vouched: Vouched, delay_ms: int) -> str | Refusal:
    (decided,) = _decided([vouched])
    decision = _by_hand(decided, vouched)
    outcome = decision.outcome
    if isinstance(outcome, Refusal):
        if outcome.verdict is Verdict.INTERNAL_ERROR:
            raise RuntimeError(outcome.detail)  # a fault of ours, which is logged: 500, not a refusal
        return outcome
    if not outcome.created:
        return Refusal(Verdict.UPDATED, "The click's goal has its conversion already.", outcome.conversion.id)
    owed = [replace(each, due_at=each.due_at + delay_ms) for each in decision.deliveries]
    named.perform_batches(report_batches([replace(decision, deliveries=owed)], place(owed)))
    return outcome.conversion.id


def _alone(vouched: Vouched) -> Decision:
    try:
        return _tried([vouched])[0]
    except (LostRaceError, DatabaseError):
        log.exception("report.unstored", report_id=vouched.incoming.report_id)
    decision = fallen(vouched.incoming)
    if not vouched.was:
        with transaction.atomic():
            named.perform_batches(report_batches([decision], []))
    return decision


def _take(batch: Sequence[Vouched]) -> list[Decision]:
    asked = [_asking(each) for each in batch]
    decisions = [
        _by_hand(decision, each) if each.by else decision
        for decision, each in zip(_decided(asked), asked, strict=True)
    ]
    placed = place(new for each in decisions for new in each.deliveries)
    again = Batch("judge_report", exact=True)
    again.rows = [
        _judgement(decision, each.was) for decision, each in zip(decisions, batch, strict=True) if each.was
    ]
    fresh = {each.incoming.report_id for each in batch if not each.was}
    stored = []
    for each in report_batches(decisions, placed):
        if each.query == "add_report":
            each.rows = [row for row in each.rows if row[0] in fresh]
        stored.append(each)
    named.perform_batches([*stored, again])
    return decisions


def _decided(asked: Sequence[Vouched], catalogue: Catalogue | None = None) -> list[Decision]:
    """Decide reports one after the other; those that ask for counts of caps once more, with these."""
    caps: set[str] = set()
    decide = _decider(asked, catalogue or Catalogue(), now_ms())
    while True:
        book = load_book([each.incoming for each in asked], {each.advertiser_id for each in asked}, caps)
        decisions = [decide_one(each.incoming, book, decide) for each in asked]
        if not book.uncounted:
            return decisions
        caps |= book.uncounted


def _asking(vouched: Vouched) -> Vouched:
    """Let the claim ask for what is known of its advertiser, as a token would; it is stored nowhere."""
    if not vouched.advertiser_id:
        return vouched
    claim = replace(vouched.incoming.claim, token=_marker(vouched.advertiser_id))
    return replace(vouched, incoming=replace(vouched.incoming, claim=claim))


def _marker(advertiser_id: str) -> str:
    return f"vouched for: {advertiser_id}"


def load_book(batch: Sequence[Incoming], advertiser_ids: set[str], caps: Collection[str] = ()) -> FactBook:
    """Load what is known about a batch, with as many look-ups as there are kinds of keys.

    `caps` are the keys of counts that are wanted: none until a decision asked for some.
    """
    counts = dict.fromkeys(caps, 0)
    counts.update((row[0], int(row[1])) for row in _rows("cap_counts", sorted(caps)))
    keys = wanted(batch)
    owners = {token_digest(_marker(each)): each for each in advertiser_ids if each}
    customers: dict[tuple[str, str], str] = {}
    for customer_id, digest in keys.customers:
        for found in named.select("click_of_customer", customer_id, owners.get(digest, "")):
            customers[customer_id, digest] = found["click_id"]
    conversions = _rows("conversions_of_txids", keys.txids)
    click_ids = {*keys.clicks, *customers.values()}
    if keys.digests:
        click_ids.update(row[1] for row in conversions)
    conversions += _rows("conversions_of_clicks", tuple(click_ids))
    hints = {
        value: hint for value in keys.hints for (hint,) in map(_values, named.select("hint_of_value", value))
    }
    return FactBook(
        clicks=map(rows.click, _rows("find_clicks", tuple(click_ids))),
        conversions=map(rows.conversion, sorted(conversions, key=lambda row: row[0])),
        fired=[(row[0], row[1]) for row in _rows("fired_once", tuple(row[0] for row in conversions))],
        owners=owners,
        customers=customers,
        hints=hints,
        counts=counts,
    )


def _rows(query: str, keys: Sequence[str]) -> list[tuple[str, ...]]:
    return [_values(row) for row in named.select(query, named.array(keys))] if keys else []


def _values(row: named.Row) -> tuple[str, ...]:
    return tuple(row.values())


def _decider(batch: Sequence[Vouched], catalog: Catalogue, now: int) -> Decide:
    keys = runtime.vault().click_keys
    owners = {each.incoming.report_id: each.advertiser_id for each in batch}

    def decide(incoming: Incoming, facts: Facts) -> Decision:
        owner = owners[incoming.report_id]
        offer = catalog.offer(facts.click.offer_id) if facts.click is not None else None
        theirs = offer.advertiser_id if offer is not None else ""
        if owner and theirs and owner != theirs and incoming.refusal is None and incoming.claim.click_id:
            refusal = Refusal(Verdict.BAD_TOKEN, "The click belongs to another advertiser than the report.")
            incoming = replace(incoming, refusal=refusal)
        trusted = owner or theirs or NOBODY
        return decide_report(incoming, facts, catalog, keys, fresh_id, trusted_advertiser=trusted, now_ms=now)

    return decide


def _by_hand(decision: Decision, vouched: Vouched) -> Decision:
    """Let the transition say which manager made it, and why."""
    outcome = decision.outcome
    if not isinstance(outcome, Accepted) or outcome.transition is None:
        return decision
    made = replace(outcome.transition, actor=Actor.MANAGER, by=vouched.by, reason=vouched.reason)
    return replace(decision, outcome=replace(outcome, transition=made))


def _judgement(decision: Decision, was: str) -> tuple[str, ...]:
    """Return what `judge_report` takes; the detail says what the report was before."""
    outcome = decision.outcome
    accepted = isinstance(outcome, Accepted)
    conversion_id = outcome.conversion.id if isinstance(outcome, Accepted) else outcome.conversion_id
    detail = f"{outcome.detail} Judged again; it was {was}.".strip() if accepted else outcome.detail
    return (
        decision.incoming.report_id,
        was,
        decision.advertiser_id,
        decision.affiliate_id,
        decision.offer_id,
        decision.click_id,
        conversion_id,
        decision.incoming.claim.txid,
        outcome.verdict.value,
        detail,
    )
