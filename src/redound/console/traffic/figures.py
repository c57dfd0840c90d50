"""Figures by half an hour and by day, as the console reads them; the roller alone writes them.

`at` is the first ms of a half-hour or of a day of UTC. What the columns count stands in `core/statistics.py`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import BigIntegerField, IntegerField, TextField


def count() -> BigIntegerField[int, int]:
    """Return a column that is added to."""
    return BigIntegerField(db_default=0)


class TrafficFigures(models.Model):
    """Clicks, conversions by status and money of one currency. Clicks have no currency ('')."""

    currency = TextField()
    clicks = count()
    valid_clicks = count()
    pending = count()
    hold = count()
    approved = count()
    rejected = count()
    refunded = count()
    open_payout_minor = count()
    approved_payout_minor = count()
    open_revenue_minor = count()
    approved_revenue_minor = count()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class NetworkFigures(TrafficFigures):
    """All of it."""

    pk = models.CompositePrimaryKey("at", "currency")
    at = BigIntegerField()

    class Meta:
        db_table = "network_figures"


class ByOffer(TrafficFigures):
    """By affiliate, offer and goal ('' for clicks)."""

    pk = models.CompositePrimaryKey("at", "affiliate_id", "offer_id", "goal_id", "currency")
    at = BigIntegerField()
    affiliate_id = TextField()
    offer_id = TextField()
    goal_id = TextField()

    class Meta:
        abstract = True


class OfferFigures(ByOffer):
    """By half an hour."""

    class Meta:
        db_table = "offer_figures"


class OfferDays(ByOffer):
    """By day of UTC."""

    class Meta:
        db_table = "offer_days"


class ByLink(TrafficFigures):
    """By link, which belongs to a campaign, and by country."""

    pk = models.CompositePrimaryKey(
        "at", "affiliate_id", "offer_id", "campaign_id", "link_id", "country", "goal_id", "currency"
    )
    at = BigIntegerField()
    affiliate_id = TextField()
    offer_id = TextField()
    campaign_id = TextField()
    link_id = TextField()
    country = TextField()
    goal_id = TextField()

    class Meta:
        abstract = True


class LinkFigures(ByLink):
    """By half an hour."""

    class Meta:
        db_table = "link_figures"


class LinkDays(ByLink):
    """By day of UTC."""

    class Meta:
        db_table = "link_days"


class BySub(TrafficFigures):
    """By the value of one of sub2 to sub5 (`slot`); '' stands for those beyond the hundredth."""

    pk = models.CompositePrimaryKey("at", "affiliate_id", "slot", "value", "offer_id", "goal_id", "currency")
    at = BigIntegerField()
    affiliate_id = TextField()
    slot = IntegerField()
    value = TextField()
    offer_id = TextField()
    goal_id = TextField()

    class Meta:
        abstract = True


class SubFigures(BySub):
    """By half an hour."""

    class Meta:
        db_table = "sub_figures"


class SubDays(BySub):
    """By day of UTC."""

    class Meta:
        db_table = "sub_days"


class CountedDeliveries(models.Model):
    """Deliveries and attempts; `le_…` and `slower` count response times by their length."""

    fired = count()
    delivered = count()
    failed = count()
    cancelled = count()
    attempts = count()
    good_attempts = count()
    answered = count()
    duration_ms = count()
    le_50 = count()
    le_100 = count()
    le_250 = count()
    le_500 = count()
    le_1000 = count()
    le_2500 = count()
    le_5000 = count()
    le_10000 = count()
    le_15000 = count()
    slower = count()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class NetworkDeliveryFigures(CountedDeliveries):
    """All of them."""

    at = BigIntegerField(primary_key=True)

    class Meta:
        db_table = "network_delivery_figures"


class ByPostback(CountedDeliveries):
    """By postback, its affiliate ('' for a manager's) and offer."""

    pk = models.CompositePrimaryKey("at", "postback_id", "affiliate_id", "offer_id")
    at = BigIntegerField()
    postback_id = TextField()
    affiliate_id = TextField()
    offer_id = TextField()

    class Meta:
        abstract = True


class DeliveryFigures(ByPostback):
    """By half an hour."""

    class Meta:
        db_table = "delivery_figures"


class DeliveryDays(ByPostback):
    """By day of UTC."""

    class Meta:
        db_table = "delivery_days"


class FailureFigures(models.Model):
    """Failed attempts by postback and reason; `status` is the answer's, 0 without one."""

    pk = models.CompositePrimaryKey("at", "postback_id", "affiliate_id", "error_kind", "status")
    at = BigIntegerField()
    postback_id = TextField()
    affiliate_id = TextField()
    error_kind = TextField()
    status = IntegerField()
    attempts = count()

    class Meta:
        db_table = "failure_figures"

    def __str__(self) -> str:
        return str(self.pk)


class CountedConversion(models.Model):
    """How a conversion was counted last."""

    conversion_id = TextField(primary_key=True)
    status = TextField()
    payout_minor = BigIntegerField(null=True)
    payout_currency = TextField()
    revenue_minor = BigIntegerField(null=True)
    revenue_currency = TextField()
    country = TextField()
    sub2 = TextField(null=True)  # noqa: DJ001 - null: none; '': counted under "other"
    sub3 = TextField(null=True)  # noqa: DJ001 - as above
    sub4 = TextField(null=True)  # noqa: DJ001 - as above
    sub5 = TextField(null=True)  # noqa: DJ001 - as above

    class Meta:
        db_table = "counted_conversions"

    def __str__(self) -> str:
        return self.conversion_id
