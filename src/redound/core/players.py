"""Players and what they do: which facts count for a reward plan, how far a player has come, what is missing.

All of it is computed from all facts of a player each time, so neither the order in which they arrive nor how
often they are looked at can change the result. One thing is kept: what has been earned stays earned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.money import MAX_MINOR, format_minor
from redound.core.rewards import DAY_MS
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from redound.core.conversions import Conversion
    from redound.core.decisions import Catalog
    from redound.core.money import Money
    from redound.core.rewards import RewardPlan

REGISTRATION: Final = "registration"
DEPOSIT_KINDS: Final = frozenset({"deposit", "first_deposit"})
"""Kinds of goals whose conversions are deposits."""
TAKEN_BACK: Final = frozenset({Status.REJECTED, Status.REFUNDED})


class FactKind(StrEnum):
    """What a player did, or (net revenue) what came of it."""

    DEPOSIT = "deposit"
    WAGER = "wager"
    NET_REVENUE = "net_revenue"


class Ignored(StrEnum):
    """Why a fact does not count for a plan."""

    OTHER_CURRENCY = "other_currency"
    NO_AMOUNT = "no_amount"
    BEFORE_REGISTRATION = "before_registration"
    AFTER_WINDOW = "after_window"
    TAKEN_BACK = "taken_back"
    REPORTED_TOO = "reported_too"


class ProgressState(StrEnum):
    """Where a player stands with a plan.

    OPEN: still possible. MET: every threshold is, the conversion is about to be made. QUALIFIED: it has been
    made, for good. EXPIRED: the time ran out (a late fact from within it may still change that). BARRED: the
    registration was rejected or refunded.
    """

    OPEN = "open"
    MET = "met"
    QUALIFIED = "qualified"
    EXPIRED = "expired"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated fact about a player. `external_id` is the advertiser's own name for it.

    `conversion_id` is set when it comes from a report; `amount` None: the report had none. `id` is "" then.
    """

    id: str
    kind: FactKind
    at: int
    amount: Money | None
    external_id: str
    conversion_id: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Player:
    """A customer of an advertiser, tied to the click of their registration.

    `conversion_id` is the registration; it and the click are "" while nothing but activity is known, and
    `registered_at` (ms) is then None.
    """

    id: str
    advertiser_id: str
    customer_id: str
    conversion_id: str = ""
    click_id: str = ""
    link_id: str = ""
    affiliate_id: str = ""
    campaign_id: str = ""
    offer_id: str = ""
    brand_id: str = ""
    registered_at: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What counts of a player's facts for one plan; money in minor units of the plan's currency.

    `first_deposit_minor` is the earliest deposit that counts. `other_currency` is how many facts were left
    out because they are in another currency.
    """

    first_deposit_minor: int = 0
    deposits_minor: int = 0
    deposit_count: int = 0
    wagers_minor: int = 0
    net_revenue_minor: int = 0
    other_currency: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a player is with a plan. `version` counts changes and is what compare-and-set checks.

    `conversion_id` is what was earned; `made` says that the plan made it, else the advertiser reported it.
    """

    plan_id: str
    player_id: str
    state: ProgressState
    tally: Tally
    deadline_at: int | None
    conversion_id: str = ""
    made: bool = False
    qualified_at: int | None = None
    updated_at: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition of a plan. `need` and `have` are minor units, or a number of deposits."""

    name: str
    need: int
    have: int
    is_money: bool = True

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.have >= self.need


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a plan makes of one fact: it counts when `ignored` is None."""

    fact: Fact
    ignored: Ignored | None


@dataclass(frozen=True, slots=True)
class PlayerBook:
    """All that is stored about one customer: conversions (tests left out), facts, the player, progress."""

    advertiser_id: str
    customer_id: str
    conversions: Sequence[Conversion] = ()
    facts: Sequence[Fact] = ()
    player: Player | None = None
    progress: dict[str, Progress] = field(default_factory=dict)


# The tie to a click


def registration_of(conversions: Iterable[Conversion], catalog: Catalog) -> Conversion | None:
    """Return what ties a customer to a click: the first registration, else the first conversion at all."""

    def rank(conversion: Conversion) -> tuple[bool, int, str]:
        return _kind(conversion, catalog) != REGISTRATION, conversion.created_at, conversion.id

    return min((each for each in conversions if not each.test), key=rank, default=None)


def is_barred(registration: Conversion, catalog: Catalog) -> bool:
    """Whether the registration itself was taken back, so that nothing is earned with this player."""
    return registration.status in TAKEN_BACK and _kind(registration, catalog) == REGISTRATION


def tied(player: Player, registration: Conversion | None) -> Player:
    """Return the player with the click of this registration."""
    if registration is None:
        return player
    return Player(
        id=player.id,
        advertiser_id=player.advertiser_id,
        customer_id=player.customer_id,
        conversion_id=registration.id,
        click_id=registration.click_id,
        link_id=registration.link_id,
        affiliate_id=registration.affiliate_id,
        campaign_id=registration.campaign_id,
        offer_id=registration.offer_id,
        brand_id=registration.brand_id,
        registered_at=registration.created_at,
    )


# Facts


def all_facts(book: PlayerBook, catalog: Catalog) -> list[Fact]:
    """Return stored facts and the deposits among the conversions, oldest first.

    A deposit that was reported twice under one txid (as a first deposit and as a deposit) is one fact.
    """
    reported: dict[str, Fact] = {}
    for conversion in sorted(book.conversions, key=lambda each: (each.created_at, each.id)):
        if conversion.test or _kind(conversion, catalog) not in DEPOSIT_KINDS:
            continue
        fact = Fact(
            id="",
            kind=FactKind.DEPOSIT,
            at=conversion.created_at,
            amount=conversion.amount,
            external_id=conversion.txid or conversion.id,
            conversion_id=conversion.id,
            taken_back=conversion.status in TAKEN_BACK,
        )
        known = reported.get(fact.external_id)
        if known is None or (_worth(known) < _worth(fact)):
            reported[fact.external_id] = fact
    return sorted((*reported.values(), *book.facts), key=_order)


def _worth(fact: Fact) -> int:
    """Rank two reports of one deposit: one that stands and has an amount says more."""
    return (not fact.taken_back) * 2 + (fact.amount is not None)


def _order(fact: Fact) -> tuple[int, str, str]:
    return fact.at, fact.external_id, fact.id


def judge_facts(plan: RewardPlan, registered_at: int, facts: Sequence[Fact]) -> Iterator[Judgement]:
    """Say of each fact whether it counts for the plan, and if not, why.

    Facts count from the beginning of the day (UTC) of the registration, for daily figures carry no time.
    """
    reported = {fact.external_id for fact in facts if fact.conversion_id}
    begin, end = registered_at - registered_at % DAY_MS, plan.deadline(registered_at)
    for fact in facts:
        yield Judgement(fact, _ignored(fact, plan.amount.currency, begin, end, reported))


def _ignored(fact: Fact, currency: str, begin: int, end: int | None, reported: set[str]) -> Ignored | None:
    if fact.taken_back:
        return Ignored.TAKEN_BACK
    if not fact.conversion_id and fact.kind is FactKind.DEPOSIT and fact.external_id in reported:
        return Ignored.REPORTED_TOO
    if fact.amount is None or (fact.kind is FactKind.DEPOSIT and not fact.amount.minor):
        return Ignored.NO_AMOUNT
    if fact.amount.currency != currency:
        return Ignored.OTHER_CURRENCY
    if fact.at < begin:
        return Ignored.BEFORE_REGISTRATION
    return Ignored.AFTER_WINDOW if end is not None and fact.at >= end else None


def tally(plan: RewardPlan, registered_at: int, facts: Sequence[Fact]) -> Tally:
    """Add up what counts. `facts` are oldest first, as `all_facts` returns them."""
    sums = dict.fromkeys(FactKind, 0)
    first = count = other = 0
    for judged in judge_facts(plan, registered_at, facts):
        amount = judged.fact.amount
        if judged.ignored is not None or amount is None:
            other += judged.ignored is Ignored.OTHER_CURRENCY
            continue
        sums[judged.fact.kind] += amount.minor
        if judged.fact.kind is FactKind.DEPOSIT:
            count += 1
            first = first or amount.minor
    deposits, wagers, net = (max(-MAX_MINOR, min(MAX_MINOR, sums[kind])) for kind in FactKind)
    return Tally(first, deposits, count, wagers, net, other)


# Progress


def thresholds(plan: RewardPlan, counted: Tally) -> list[Threshold]:
    """Return the plan's conditions with what has been reached, in the order in which people read them."""
    every = (
        Threshold("first_deposit", plan.first_deposit_minor, counted.first_deposit_minor),
        Threshold("deposits", plan.deposits_minor, counted.deposits_minor),
        Threshold("deposit_count", plan.deposit_count, counted.deposit_count, is_money=False),
        Threshold("wagers", plan.wagers_minor, counted.wagers_minor),
        Threshold("net_revenue", plan.net_revenue_minor, counted.net_revenue_minor),
    )
    return [threshold for threshold in every if threshold.need]


def judge_progress(
    plan: RewardPlan,
    player: Player,
    counted: Tally,
    known: Progress | None,
    now_ms: int,
    *,
    barred: bool,
) -> Progress:
    """Return where a registered player stands; `known` itself when nothing changed or it is earned."""
    registered_at = player.registered_at or 0
    deadline = plan.deadline(registered_at)
    if known is not None and known.state is ProgressState.QUALIFIED:
        return known
    conditions = thresholds(plan, counted)
    if barred:
        state = ProgressState.BARRED
    elif conditions and all(threshold.met for threshold in conditions):
        state = ProgressState.MET
    elif deadline is not None and now_ms >= deadline:
        state = ProgressState.EXPIRED
    else:
        state = ProgressState.OPEN
    if known is not None and (known.state, known.tally, known.deadline_at) == (state, counted, deadline):
        return known
    version = 1 if known is None else known.version + 1
    return Progress(plan.id, player.id, state, counted, deadline, updated_at=now_ms, version=version)


_WORDS: Final = {
    "first_deposit": "first deposit",
    "deposits": "deposits",
    "deposit_count": "number of deposits",
    "wagers": "wagers",
    "net_revenue": "net revenue",
}


def days_left(deadline_at: int | None, now_ms: int) -> int | None:
    """Return the days until the deadline, a begun one counted whole; 0 when it is over, None without one."""
    return None if deadline_at is None else max(0, -(-(deadline_at - now_ms) // DAY_MS))


def progress_text(plan: RewardPlan, progress: Progress, now_ms: int) -> str:
    """Return it in words: "deposits 35 of 50, wagers 120 of 300, 12 days left"."""
    currency = plan.amount.currency
    parts = [
        f"{_WORDS[each.name]} {_short(each.have, currency, each)} of {_short(each.need, currency, each)}"
        for each in thresholds(plan, progress.tally)
    ]
    return ", ".join([*parts, *_time_words(progress, now_ms)])


def _time_words(progress: Progress, now_ms: int) -> list[str]:
    match progress.state:
        case ProgressState.QUALIFIED:
            return ["qualified"]
        case ProgressState.MET:
            return ["met"]
        case ProgressState.BARRED:
            return ["registration taken back"]
        case ProgressState.EXPIRED:
            return ["time is over"]
        case ProgressState.OPEN:
            left = days_left(progress.deadline_at, now_ms)
    if left is None:
        return []
    return ["1 day left"] if left == 1 else [f"{left} days left"]


def _short(value: int, currency: str, threshold: Threshold) -> str:
    """Return a number without needless decimals: 35, 35.50."""
    if not threshold.is_money:
        return str(value)
    text = format_minor(value, currency)
    whole, _, decimals = text.partition(".")
    return text if decimals.strip("0") else whole


def _kind(conversion: Conversion, catalog: Catalog) -> str:
    goal = catalog.goal(conversion.goal_id)
    return goal.kind if goal is not None else ""
