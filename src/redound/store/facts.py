"""What the database knows about a batch of reports, and what the batch itself has added so far.

A driver asks `wanted` what to load, fills a `FactBook`, and lets every decision be learnt before the next
one is made: so that a later report sees an earlier one that is not stored yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.bearings import token_digest
from redound.core.conversions import Accepted, Facts
from redound.core.ids import CLICK_ID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.core.decisions import Decision
    from redound.core.reports import Incoming

MAX_HINTS = 8
"""How many values that cannot be click IDs a batch looks up: a search, and a flood of them must not cost."""

_NOTHING_FIRED: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys a batch of reports asks about.

    `customers` pairs customer IDs with the digest of the token that came along, and `digests` are those of
    reports without a click ID: without a token nothing is found by txid or customer alone. `hints` are values
    in the place of a click ID that cannot be one.
    """

    clicks: tuple[str, ...]
    txids: tuple[str, ...]
    customers: tuple[tuple[str, str], ...]
    digests: tuple[str, ...]
    hints: tuple[str, ...]


def wanted(batch: Iterable[Incoming]) -> Wanted:
    """Return what to load for these reports; those that were refused while parsing need nothing."""
    clicks: dict[str, None] = {}
    txids: dict[str, None] = {}
    customers: dict[tuple[str, str], None] = {}
    digests: dict[str, None] = {}
    hints: dict[str, None] = {}
    for incoming in batch:
        if incoming.refusal is not None:
            continue
        claim = incoming.claim
        if len(claim.click_id) == CLICK_ID_LENGTH:
            clicks[claim.click_id.lower()] = None
        elif claim.click_id and len(hints) < MAX_HINTS:
            hints[claim.click_id] = None
        if claim.txid:
            txids[claim.txid] = None
        if claim.token and not claim.click_id:
            digest = token_digest(claim.token)
            digests[digest] = None
            if claim.customer_id:
                customers[claim.customer_id, digest] = None
    return Wanted(tuple(clicks), tuple(txids), tuple(customers), tuple(digests), tuple(hints))


class FactBook:
    """The facts of one batch: loaded rows, overlaid with what the batch decided so far."""

    def __init__(
        self,
        clicks: Iterable[Click] = (),
        conversions: Iterable[Conversion] = (),
        fired: Iterable[tuple[str, str]] = (),
        owners: Mapping[str, str] | None = None,
        customers: Mapping[tuple[str, str], str] | None = None,
        hints: Mapping[str, str] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Start from loaded rows.

        Args:
            clicks: those named, and those that a txid or a customer led to.
            conversions: those of the clicks and of the txids, oldest first.
            fired: pairs of conversion ID and postback ID that fired once for the whole conversion.
            owners: token digest → advertiser ID.
            customers: customer ID and token digest → click ID of the customer's first conversion.
            hints: what a value that is no click ID is known as.
            counts: places taken under caps, 0 for a key that was looked up and not found.

        Which caps concern a batch shows only when it is decided. `uncounted` are the keys that were wanted
        and had not been looked up: the caller loads a new book with them, and decides all again.
        """
        self.uncounted: set[str] = set()
        self._counts = dict(counts or {})
        self._clicks = {click.id: click for click in clicks}
        self._conversions: dict[str, Conversion] = {}
        self._by_txid: dict[str, list[str]] = {}
        self._by_click: dict[str, list[str]] = {}
        self._fired: dict[str, set[str]] = {}
        self._owners = owners or {}
        self._customers = customers or {}
        self._hints = hints or {}
        for conversion in conversions:
            self._put(conversion)
        for conversion_id, postback_id in fired:
            self._fired.setdefault(conversion_id, set()).add(postback_id)

    def _put(self, conversion: Conversion) -> None:
        old = self._conversions.get(conversion.id)
        self._conversions[conversion.id] = conversion
        if old is None:
            self._by_click.setdefault(conversion.click_id, []).append(conversion.id)
        if conversion.txid and (old is None or not old.txid):
            self._by_txid.setdefault(conversion.txid, []).append(conversion.id)

    def facts(self, incoming: Incoming) -> Facts:
        """Return what is known about one report at this point of the batch."""
        claim = incoming.claim
        by_txid = self._many(self._by_txid.get(claim.txid, ())) if claim.txid else ()
        by_customer = None
        click_id = claim.click_id.lower()
        if not click_id and claim.token:
            digest = token_digest(claim.token)
            owner = self._owners.get(digest, "")
            click_id = next((each.click_id for each in by_txid if each.advertiser_id == owner), "")
            if claim.customer_id:
                customer_click = self._customers.get((claim.customer_id, digest), "")
                by_customer = self._clicks.get(customer_click)
                click_id = click_id or customer_click
        by_click = self._many(self._by_click.get(click_id, ()))
        return Facts(
            click=self._clicks.get(click_id),
            by_txid=by_txid,
            by_click=by_click,
            by_customer=by_customer,
            slot_hint=self._hints.get(claim.click_id, "") if self._hints else "",
            fired=self._fired_of(by_txid + by_click) if self._fired else _NOTHING_FIRED,
            counts=self._counts,
        )

    def _many(self, ids: Iterable[str]) -> tuple[Conversion, ...]:
        return tuple([self._conversions[each] for each in ids])

    def _fired_of(self, conversions: Iterable[Conversion]) -> frozenset[tuple[str, str]]:
        return frozenset(
            (each.id, postback_id) for each in conversions for postback_id in self._fired.get(each.id, ())
        )

    def learn(self, decision: Decision) -> None:
        """Let later reports of the batch see what this one led to."""
        if not isinstance(decision.outcome, Accepted):
            return
        self._put(decision.outcome.conversion)
        for key, count in decision.outcome.counted:
            if key not in self._counts:
                self.uncounted.add(key)
            self._counts[key] = count
        for delivery in decision.deliveries:
            if delivery.fire_key == delivery.conversion_id:
                self._fired.setdefault(delivery.conversion_id, set()).add(delivery.postback_id)
