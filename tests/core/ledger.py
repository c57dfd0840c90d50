"""A database in a dictionary, for tests of decisions: loads facts, stores outcomes, minds what is unique."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from redound.core.bearings import token_digest
from redound.core.conversions import Accepted, Conversion, Facts
from redound.core.decisions import Change, Decision, decide_change, decide_report
from redound.core.reports import Claim, Verdict
from redound.core.states import Actor, Status
from tests.builders import KEYS, NOW_MS, World, make_click, make_incoming, make_mint, make_world

if TYPE_CHECKING:
    from redound.core.clicks import Click


class Ledger:
    """Takes reports in one after another, as the store does. `clicks` are those that are stored."""

    def __init__(self, world: World | None = None, clicks: tuple[Click, ...] | None = None) -> None:
        self.world = world or make_world()
        self.mint = make_mint()
        self.clicks = {click.id: click for click in ((make_click(),) if clicks is None else clicks)}
        self.conversions: dict[str, Conversion] = {}
        self.decisions: list[Decision] = []
        self.fired: set[tuple[str, str]] = set()
        self.fire_keys: set[tuple[str, str]] = set()
        self.numbers = itertools.count(1)
        self.counts: dict[str, int] = {}

    def report(
        self, *, at: int = NOW_MS, ip: str = "198.51.100.9", vouched: str = "", **claim: Any
    ) -> Decision:
        """Report a claim; without `click_id` it is for the first stored click."""
        claim.setdefault("click_id", next(iter(self.clicks), ""))
        incoming = make_incoming(Claim(**claim), report_id=f"rpt_{next(self.numbers)}", received_at=at, ip=ip)
        facts = self.facts(incoming.claim)
        decision = decide_report(incoming, facts, self.world, KEYS, self.mint, trusted_advertiser=vouched)
        self.decisions.append(decision)
        self._store(decision)
        return decision

    def change(self, conversion: Conversion, to: Status, *, at: int = NOW_MS, by: str = "bob") -> Change:
        """Let Bob, a manager, change a status."""
        change = decide_change(
            conversion,
            self.clicks.get(conversion.click_id),
            Facts(fired=frozenset(self.fired)),
            to,
            Actor.MANAGER,
            by,
            "looked at it",
            at,
            self.world,
            self.mint,
        )
        self._store(change)
        return change

    def facts(self, claim: Claim) -> Facts:
        """Return what the database would load for a claim."""
        stored = list(self.conversions.values())
        by_txid = tuple(each for each in stored if claim.txid and each.txid == claim.txid)
        click = self.clicks.get(claim.click_id.lower())
        by_customer = None
        if not claim.click_id:
            click = self.clicks.get(by_txid[0].click_id) if by_txid else None
            owner = self.world.advertiser_by_token(token_digest(claim.token)) if claim.token else None
            if owner is not None and claim.customer_id:
                own = [each for each in stored if each.advertiser_id == owner.id]
                first = next((each for each in own if each.customer_id == claim.customer_id), None)
                by_customer = self.clicks.get(first.click_id) if first else None
        subject = click or by_customer
        by_click = tuple(each for each in stored if subject and each.click_id == subject.id)
        return Facts(click, by_txid, by_click, by_customer, fired=frozenset(self.fired), counts=self.counts)

    def _store(self, decision: Decision | Change) -> None:
        outcome = decision.outcome
        if not isinstance(outcome, Accepted):
            assert not decision.deliveries
            assert not decision.evaluations
            return
        new = outcome.conversion
        old = self.conversions.get(new.id)
        assert (old is None) == outcome.created
        assert new.version == (1 if old is None else old.version + 1), "compare-and-set on the version"
        self.conversions[new.id] = new
        self.counts.update(outcome.counted)
        self._check_unique()
        for delivery in decision.deliveries:
            assert (delivery.postback_id, delivery.fire_key) not in self.fire_keys, "fired twice"
            self.fire_keys.add((delivery.postback_id, delivery.fire_key))
            if delivery.fire_key == delivery.conversion_id:
                self.fired.add((delivery.conversion_id, delivery.postback_id))

    def _check_unique(self) -> None:
        slots = [each.slot for each in self.conversions.values() if each.slot]
        txids = [(each.txid, each.goal_id, each.offer_id) for each in self.conversions.values() if each.txid]
        assert len(slots) == len(set(slots))
        assert len(txids) == len(set(txids))

    @property
    def only(self) -> Conversion:
        """The one conversion there is."""
        (conversion,) = self.conversions.values()
        return conversion


def verdict(decision: Decision | Change) -> Verdict:
    """What was made of it."""
    return decision.outcome.verdict
