"""What of the catalogue somebody may see. Whatever is not in these sets does not exist for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.catalog.models import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller


def advertisers(caller: Caller) -> QuerySet[Advertiser]:
    """Managers': all; an affiliate's: none."""
    return Advertiser.objects.all() if caller.manages else Advertiser.objects.none()


def brands(caller: Caller) -> QuerySet[Brand]:
    """All: an affiliate's postback may name a brand."""
    del caller
    return Brand.objects.all()


def offers(caller: Caller) -> QuerySet[Offer]:
    """All."""
    del caller
    return Offer.objects.select_related("brand")


def goals(caller: Caller) -> QuerySet[Goal]:
    """All, but private ones only for managers (Everflow: private events)."""
    found = Goal.objects.select_related("offer")
    return found if caller.manages else found.filter(private=False)


def affiliates(caller: Caller) -> QuerySet[Affiliate]:
    """An affiliate's: themselves."""
    return Affiliate.objects.all() if caller.manages else Affiliate.objects.filter(id=caller.affiliate_id)


def campaigns(caller: Caller) -> QuerySet[Campaign]:
    """An affiliate's: their own."""
    found = Campaign.objects.all()
    return found if caller.manages else found.filter(affiliate_id=caller.affiliate_id)


def links(caller: Caller) -> QuerySet[Link]:
    """An affiliate's: those of their own campaigns."""
    found = Link.objects.select_related("campaign", "offer")
    return found if caller.manages else found.filter(campaign__affiliate_id=caller.affiliate_id)
