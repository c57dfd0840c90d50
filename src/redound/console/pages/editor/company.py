"""Which other postbacks fire for the same conversion: judged by the rules that decide it in earnest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from redound.console.catalog import visibility
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.pages.reasons import in_words
from redound.console.postbacks import visibility as postbacks
from redound.console.records.conversions import conversions
from redound.console.tracing import rows
from redound.core.catalog import StatusMode
from redound.core.conversions import Conversion, Transition
from redound.core.evaluating import examine_conversion
from redound.core.matching import Reason
from redound.core.money import Money
from redound.core.states import Actor, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Link
    from redound.console.postbacks.models import Postback as Row
    from redound.core.catalog import Goal, Offer, Postback
    from redound.core.evaluating import Evaluation

MASK: Final = sum(status.bit for status in Status)


@dataclass(frozen=True, slots=True)
class Companion:
    """Another postback: whether it fires as well, else why not."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Company:
    """What fires together. `fires` and `reason` are of the postback that is being written.

    `real`: judged for a conversion that there is, else for one that was imagined to fit its rule.
    """

    fires: bool
    reason: str
    detail: str
    with_it: tuple[Companion, ...]
    outdone: tuple[Companion, ...]
    goal: str
    offer: str
    status: str
    real: bool


def company(draft: Row, caller: Caller, conversion_id: str = "") -> Company | None:
    """Return what fires for the conversion, or for one that fits the draft; None when nothing can fit."""
    if draft.event != "conversion" or draft.delivery != "s2s":
        return None
    own = replace(rows.owner(draft, None).postback, enabled=True)
    catalogue = Catalogue()
    conversion = _stored(conversion_id, caller) if conversion_id else _imagined(draft, own, caller, catalogue)
    offer = catalogue.offer(conversion.offer_id) if conversion is not None else None
    goal = catalogue.goal(conversion.goal_id) if conversion is not None else None
    if conversion is None or offer is None or goal is None:
        return None
    others = catalogue.postbacks_for(conversion.affiliate_id, offer.id)
    found = examine_conversion(
        conversion,
        _becoming(conversion),
        goal,
        offer,
        catalogue.affiliate(conversion.affiliate_id),
        [own, *(each for each in others if each.id != own.id)],
    )
    return _company(found, conversion, goal, offer, caller, real=bool(conversion_id))


def _company(
    found: Sequence[Evaluation],
    conversion: Conversion,
    goal: Goal,
    offer: Offer,
    caller: Caller,
    *,
    real: bool,
) -> Company:
    own, *others = found
    seen = postbacks.postbacks(caller).filter(pk__in=[each.postback_id for each in others])
    names = dict(seen.values_list("pk", "name"))
    known = [
        Companion(each.postback_id, names[each.postback_id], each.reason.value)
        for each in others
        if each.postback_id in names and (each.fires or each.reason is Reason.LESS_SPECIFIC)
    ]
    return Company(
        own.fires,
        in_words(own.reason.value),
        own.detail,
        tuple(each for each in known if each.reason != Reason.LESS_SPECIFIC.value),
        tuple(each for each in known if each.reason == Reason.LESS_SPECIFIC.value),
        goal.name,
        offer.name,
        conversion.status.value,
        real,
    )


def _stored(conversion_id: str, caller: Caller) -> Conversion | None:
    row = conversions.visible(caller).filter(pk=conversion_id).first()
    return rows.conversion(row) if row is not None else None


def _becoming(conversion: Conversion) -> Transition:
    """The conversion comes into the status that it has."""
    at = conversion.updated_at
    return Transition("trn_0", conversion.id, None, conversion.status, at, "", "", "", Actor.MANAGER)


def _imagined(draft: Row, own: Postback, caller: Caller, catalogue: Catalogue) -> Conversion | None:
    """Return a conversion that the rule is for, of a link of the affiliate's if there is one."""
    link = _link(draft, caller)
    offer_id = link.offer_id if link is not None else _offer(draft, caller)
    offer = catalogue.offer(offer_id) if offer_id else None
    goal = _goal(own, offer) if offer is not None else None
    if offer is None or goal is None or not own.statuses:
        return None
    status = Status.APPROVED if Status.APPROVED in own.statuses else min(own.statuses, key=list(Status).index)
    seen = MASK if own.status_mode is StatusMode.ALL else status.bit
    paid = Money(100, offer.currency)
    now = now_ms()
    return Conversion(
        id="cnv_0",
        click_id="",
        link_id=link.pk if link is not None else "",
        affiliate_id=draft.affiliate_id or "",
        campaign_id=link.campaign_id if link is not None else "",
        offer_id=offer.id,
        brand_id=offer.brand_id,
        advertiser_id="",
        goal_id=goal.id,
        status=status,
        status_word="",
        txid="",
        slot="",
        customer_id="",
        amount=paid,
        payout=paid,
        revenue=None,
        adv_subs={},
        test=False,
        seen=seen,
        hold_until=None,
        created_at=now,
        updated_at=now,
    )


def _link(draft: Row, caller: Caller) -> Link | None:
    links = visibility.links(caller).exclude(offer__in=draft.exclude_offers)
    if draft.affiliate_id is not None:
        links = links.filter(campaign__affiliate_id=draft.affiliate_id)
    columns = {"link": "pk", "campaign": "campaign_id", "offer": "offer_id", "brand": "offer__brand_id"}
    if draft.level in columns:
        links = links.filter(**{f"{columns[draft.level]}__in": draft.include})
    if isinstance(draft.goals, list):
        links = links.filter(offer__goals__in=draft.goals)
    return links.order_by("-pk").first()


def _offer(draft: Row, caller: Caller) -> str:
    offers = visibility.offers(caller).exclude(pk__in=draft.exclude_offers)
    match draft.level:
        case "offer":
            offers = offers.filter(pk__in=draft.include)
        case "brand":
            offers = offers.filter(brand__in=draft.include)
        case "affiliate":
            pass
        case _:
            return ""
    if isinstance(draft.goals, list):
        offers = offers.filter(goals__in=draft.goals)
    return offers.order_by("-pk").values_list("pk", flat=True).first() or ""


def _goal(own: Postback, offer: Offer) -> Goal | None:
    goals = sorted(offer.goals, key=lambda goal: not goal.base)
    if not isinstance(own.goals, str):
        goals = [goal for goal in goals if goal.id in own.goals] or goals
    elif own.goals == "events":
        goals = [goal for goal in goals if not goal.base] or goals
    return goals[0] if goals else None
