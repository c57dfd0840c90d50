"""Firing: the answers of postbacks to what happened, and the deliveries that follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.catalog import HealthState
from redound.core.deliveries import NewDelivery
from redound.core.freezing import freeze
from redound.core.matching import Fire, match_click, match_conversion
from redound.core.pixels import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from redound.core.catalog import Offer, Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition
    from redound.core.decisions import Catalog, Mint
    from redound.core.matching import Skip


def evaluate_click(click: Click, catalog: Catalog) -> list[Fire | Skip]:
    """Return the answers of all postbacks to a click; they are not stored, so a trace asks again."""
    offer = catalog.offer(click.offer_id)
    if offer is None:
        return []
    postbacks = catalog.postbacks_for(click.affiliate_id, click.offer_id)
    return match_click(click, offer, catalog.affiliate(click.affiliate_id), postbacks)


def evaluate_transition(
    conversion: Conversion,
    transition: Transition,
    click: Click | None,
    fired: AbstractSet[tuple[str, str]],
    catalog: Catalog,
    *,
    browser: bool = False,
) -> list[Fire | Skip]:
    """Return the answers of all postbacks to a transition, made or imagined (the editor's preview).

    `browser`: it came from the visitor's browser, which can be shown HTML.
    """
    offer, goal = catalog.offer(conversion.offer_id), catalog.goal(conversion.goal_id)
    if offer is None or goal is None:
        return []
    return match_conversion(
        conversion,
        transition,
        goal,
        offer,
        catalog.affiliate(conversion.affiliate_id),
        catalog.postbacks_for(conversion.affiliate_id, offer.id),
        click_at=None if click is None else click.created_at,
        fired=fired,
        browser=browser,
    )


def frozen_values(
    click: Click | None,
    conversion: Conversion | None,
    transition: Transition | None,
    offer: Offer,
    catalog: Catalog,
    before: Conversion | None = None,
) -> dict[str, str]:
    """Return the macro values of a transition or click with all the names that belong to it.

    `before` is the conversion as it stood, where the transition changed its money.
    """
    subject = conversion or click
    return freeze(
        click,
        offer,
        catalog.brand(offer.brand_id),
        catalog.campaign(subject.campaign_id) if subject is not None else None,
        catalog.link(subject.link_id) if subject is not None else None,
        catalog.affiliate(subject.affiliate_id) if subject is not None else None,
        catalog.goal(conversion.goal_id) if conversion is not None else None,
        conversion,
        transition,
        before,
    )


def new_delivery(
    delivery_id: str,
    postback: Postback,
    conversion: Conversion,
    transition: Transition,
    fire_key: str,
    values: Mapping[str, str],
    now_ms: int,
    *,
    test: bool = False,
) -> NewDelivery:
    """Return a delivery made on purpose (backfill, `resend:…`, `test:…`): due now.

    It is parked while the postback is auto-disabled, unless it tests just that.
    """
    return NewDelivery(
        id=delivery_id,
        postback_id=postback.id,
        affiliate_id=postback.affiliate_id or "",
        offer_id=conversion.offer_id,
        conversion_id=conversion.id,
        click_id=conversion.click_id,
        transition_id=transition.id,
        fire_key=fire_key,
        values=values,
        test=test or conversion.test,
        created_at=now_ms,
        due_at=now_ms,
        parked=not test and postback.health is HealthState.DISABLED,
        ordered=transition.from_status is not None,
    )


def fire_click(click: Click, offer: Offer, catalog: Catalog, mint: Mint) -> list[NewDelivery]:
    """Return the deliveries of click postbacks, with the values of the click."""
    fires = [answer for answer in evaluate_click(click, catalog) if isinstance(answer, Fire)]
    if not fires:
        return []
    values = frozen_values(click, None, None, offer, catalog)
    owners = _owners(click.affiliate_id, offer.id, catalog)
    at = click.created_at
    return [
        NewDelivery(
            mint("dlv"),
            fire.postback_id,
            owners[fire.postback_id],
            offer.id,
            "",
            click.id,
            "",
            fire.fire_key,
            values,
            click.test,
            at,
            at + fire.due_in_seconds * 1000,
            fire.parked,
        )
        for fire in fires
    ]


def fire_transition(
    answers: Iterable[Fire | Skip],
    conversion: Conversion,
    transition: Transition,
    click: Click | None,
    now_ms: int,
    catalog: Catalog,
    mint: Mint,
    before: Conversion | None = None,
) -> list[NewDelivery]:
    """Return the deliveries of the postbacks that fire; the values are frozen once for all of them.

    `before` is the conversion as it stood before the transition. What a browser is shown is rendered here,
    once: such a delivery is over as it is made.
    """
    fires = [answer for answer in answers if isinstance(answer, Fire)]
    offer = catalog.offer(conversion.offer_id)
    if not fires or offer is None:
        return []
    values = frozen_values(click, conversion, transition, offer, catalog, before)
    postbacks = {each.id: each for each in catalog.postbacks_for(conversion.affiliate_id, offer.id)}
    ordered = transition.from_status is not None
    owed = []
    for fire in fires:
        delivery_id, postback, shown = mint("dlv"), postbacks[fire.postback_id], ""
        if postback.delivery == "html":
            shown = show(postback, values, delivery_id, now_ms)
            if not shown:
                continue
        delivery = NewDelivery(
            delivery_id,
            fire.postback_id,
            postback.affiliate_id or "",
            offer.id,
            conversion.id,
            conversion.click_id,
            transition.id,
            fire.fire_key,
            values,
            conversion.test,
            now_ms,
            now_ms + fire.due_in_seconds * 1000,
            fire.parked,
            ordered,
            shown,
        )
        owed.append(delivery)
    return owed


def _owners(affiliate_id: str, offer_id: str, catalog: Catalog) -> dict[str, str]:
    """Return whose each postback is: a manager's is nobody's, and so are its deliveries."""
    postbacks = catalog.postbacks_for(affiliate_id, offer_id)
    return {postback.id: postback.affiliate_id or "" for postback in postbacks}
