"""Traffic as the console reads it. Never write these through the ORM: `redound.store` owns every row.

Times are milliseconds since the epoch; missing text is `''`, also in a foreign key. No foreign key is
enforced by the database: traffic must never wait for a look-up in another table. JSON lies in text columns:
it can be read but not searched by key.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import BigIntegerField, Case, F, Q, Value, When

from redound.console.traffic import figures  # noqa: F401 - its models are of this app
from redound.core.deliveries import DeliveryState, Queue

OPEN = "open"


def maybe_text(**options: Any) -> models.TextField[str, str]:
    """Return a text column whose missing value is `''`, in the database too."""
    return models.TextField(db_default="", **options)


def reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """Return a reference that the database neither checks nor indexes."""
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **options
    )


class Click(models.Model):
    """A stored click; `params` holds every query parameter as given."""

    id = models.TextField(primary_key=True)
    link = reference("catalog.Link")
    affiliate = reference("catalog.Affiliate")
    campaign = reference("catalog.Campaign")
    offer = reference("catalog.Offer")
    brand = reference("catalog.Brand")
    created_at = BigIntegerField()
    ip = maybe_text()
    user_agent = maybe_text()
    referrer = maybe_text()
    country = maybe_text()
    params = models.JSONField(db_default=Value({}, models.JSONField()))
    valid = models.BooleanField(db_default=True)
    invalid_reason = maybe_text()
    test = models.BooleanField(db_default=False)

    class Meta:
        db_table = "clicks"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Report(models.Model):
    """One incoming request that claims a conversion, kept as it came, with its verdict."""

    id = models.TextField(primary_key=True)
    received_at = BigIntegerField()
    advertiser = reference("catalog.Advertiser", db_default="")
    affiliate = reference("catalog.Affiliate", db_default="")
    offer = reference("catalog.Offer", db_default="")
    click = reference("traffic.Click", db_default="")
    conversion = reference("traffic.Conversion", db_default="")
    txid = maybe_text()
    verdict = models.TextField()
    detail = maybe_text()
    method = models.TextField(db_default="GET")
    raw_query = maybe_text()
    raw_body = maybe_text()
    content_type = maybe_text()
    ip = maybe_text()
    test = models.BooleanField(db_default=False)

    class Meta:
        db_table = "reports"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Conversion(models.Model):
    """An accepted result of one click and goal. Amounts are null together with an empty currency."""

    id = models.TextField(primary_key=True)
    click = reference("traffic.Click")
    link = reference("catalog.Link")
    affiliate = reference("catalog.Affiliate")
    campaign = reference("catalog.Campaign")
    offer = reference("catalog.Offer")
    brand = reference("catalog.Brand")
    advertiser = reference("catalog.Advertiser")
    goal = reference("catalog.Goal")
    status = models.TextField()
    status_word = maybe_text()
    txid = maybe_text()
    slot = maybe_text()
    customer_id = maybe_text()
    amount_minor = BigIntegerField(null=True)
    amount_currency = maybe_text()
    payout_minor = BigIntegerField(null=True)
    payout_currency = maybe_text()
    revenue_minor = BigIntegerField(null=True)
    revenue_currency = maybe_text()
    adv_subs = models.JSONField(db_default=Value({}, models.JSONField()))
    test = models.BooleanField(db_default=False)
    seen = models.IntegerField()
    hold_until = BigIntegerField(null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "conversions"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Transition(models.Model):
    """A change of a conversion's status, or its creation (`from_status` is then empty).

    `evaluations` is a list of `{"postback_id", "fired", "reason", "detail"?, "delivery_id"?}`.
    """

    id = models.TextField(primary_key=True)
    conversion = models.ForeignKey(
        Conversion,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="transitions",
    )
    from_status = maybe_text()
    to_status = models.TextField()
    at = BigIntegerField()
    actor = models.TextField()
    by = maybe_text()
    reason = maybe_text()
    report = reference("traffic.Report", db_default="")
    evaluations = models.JSONField(db_default=Value([], models.JSONField()))

    class Meta:
        db_table = "transitions"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.id


class Delivery(models.Model):
    """One postback owed for one transition or click.

    `state` is only `open` or final; what people see of an open one depends on its `due` row and on the time:
    annotate with `shown_state(now_ms)`, `attempts_made()` and `next_attempt_at()`.
    """

    id = models.TextField(primary_key=True)
    postback = reference("postbacks.Postback")
    affiliate = reference("catalog.Affiliate", db_default="")
    offer = reference("catalog.Offer", db_default="")
    conversion = reference("traffic.Conversion", db_default="")
    click = reference("traffic.Click")
    transition = reference("traffic.Transition", db_default="")
    fire_key = models.TextField()
    macro_values = models.JSONField()
    state = models.TextField(db_default=OPEN)
    ended_because = maybe_text()
    attempts = models.IntegerField(db_default=0)
    test = models.BooleanField(db_default=False)
    created_at = BigIntegerField()
    finished_at = BigIntegerField(null=True)

    class Meta:
        db_table = "deliveries"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Due(models.Model):
    """An unfinished delivery's place in the line; there is no row once it has ended.

    `queue` is that of `core.deliveries.Queue`. `at` is when it may next be claimed; while `lease` names a
    holder it is the lease's deadline, and while it is parked it is when that happened.
    """

    delivery = models.OneToOneField(
        Delivery,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="due",
    )
    postback = reference("postbacks.Postback")
    queue = models.IntegerField(db_default=0)
    at = BigIntegerField()
    lease = maybe_text()
    attempts = models.IntegerField(db_default=0)
    receiver_failures = models.IntegerField(db_default=0)
    first_attempt_at = BigIntegerField(null=True)
    ordered = models.BooleanField(db_default=False)

    class Meta:
        db_table = "due"

    def __str__(self) -> str:
        return self.delivery_id


class Attempt(models.Model):
    """One HTTP try of a delivery. `outcome`: delivered, retry, failed or cancelled.

    `request` and `response` are JSON as sent and received, secrets masked; `response` is '' without one.
    """

    id = models.TextField(primary_key=True)
    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="attempt_rows",
    )
    postback = reference("postbacks.Postback")
    number = models.IntegerField()
    started_at = BigIntegerField()
    duration_ms = models.IntegerField()
    outcome = models.TextField()
    status = models.IntegerField(null=True)
    request = models.TextField()
    response = maybe_text()
    error_kind = maybe_text()
    error_detail = maybe_text()

    class Meta:
        db_table = "attempts"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.id


class PostbackHealth(models.Model):
    """How a postback's receiver does; there is no row before its first attempt. `last_response` is JSON."""

    postback = models.OneToOneField(
        "postbacks.Postback",
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="health",
    )
    state = models.TextField(db_default="ok")
    failures_in_row = models.IntegerField(db_default=0)
    failed_attempts = models.IntegerField(db_default=0)
    first_failure_at = BigIntegerField(null=True)
    last_success_at = BigIntegerField(null=True)
    disabled_at = BigIntegerField(null=True)
    disabled_reason = maybe_text()
    last_response = maybe_text()

    class Meta:
        db_table = "postback_health"

    def __str__(self) -> str:
        return self.postback_id


class Notification(models.Model):
    """A notice: one that managers see (`audience` manager) or one that an affiliate sees."""

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    audience = models.TextField()
    postback = reference("postbacks.Postback", db_default="")
    affiliate = reference("catalog.Affiliate", db_default="")
    text = models.TextField()
    data = models.JSONField(db_default=Value({}, models.JSONField()))
    created_at = BigIntegerField()
    read_at = BigIntegerField(null=True)

    class Meta:
        db_table = "notifications"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.text


class Incident(models.Model):
    """What the watch found and, once `closed_at` is set, why it is over. The evidence is JSON."""

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    subject = models.TextField()
    postback_id = maybe_text()
    offer_id = maybe_text()
    advertiser_id = maybe_text()
    affiliate_id = maybe_text()
    evidence = models.TextField()
    opened_at = BigIntegerField()
    closed_at = BigIntegerField(null=True)
    closed_because = maybe_text()
    closing_evidence = maybe_text()

    class Meta:
        db_table = "incidents"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.id


class Worker(models.Model):
    """A process that serves this database, and when it was last seen."""

    node = models.TextField(primary_key=True)
    role = models.TextField()
    started_at = BigIntegerField()
    seen_at = BigIntegerField()

    class Meta:
        db_table = "workers"

    def __str__(self) -> str:
        return self.node


class ConfigVersion(models.Model):
    """The one row that hands out versions of the configuration; triggers count it up."""

    id = models.IntegerField(primary_key=True)
    version = BigIntegerField()

    class Meta:
        db_table = "config_version"

    def __str__(self) -> str:
        return str(self.version)


class ConfigChange(models.Model):
    """One changed row of the configuration; triggers write it and the planes follow it."""

    version = BigIntegerField(primary_key=True)
    noun = models.TextField()
    row_id = models.TextField()

    class Meta:
        db_table = "config_changes"

    def __str__(self) -> str:
        return f"{self.version} {self.noun} {self.row_id}"


def shown_state(now_ms: int) -> Case:
    """Return what people see of a delivery, for `Delivery.objects.annotate(shown=shown_state(now_ms))`.

    open + due: PARKED if in that queue, LEASED while somebody holds it, RETRYING after a first attempt, else
    PENDING. It can be filtered by; one left join by primary key.
    """
    return Case(
        When(~Q(state=OPEN), then=F("state")),
        When(due__queue=Queue.PARKED, then=Value(DeliveryState.PARKED.value)),
        When(~Q(due__lease="") & Q(due__at__gt=now_ms), then=Value(DeliveryState.LEASED.value)),
        When(due__attempts__gt=0, then=Value(DeliveryState.RETRYING.value)),
        default=Value(DeliveryState.PENDING.value),
        output_field=models.TextField(),
    )


def attempts_made() -> Case:
    """Return how many attempts a delivery has had: while it is open its `due` row counts them."""
    return Case(
        When(state=OPEN, due__isnull=False, then=F("due__attempts")),
        default=F("attempts"),
        output_field=models.IntegerField(),
    )


def next_attempt_at() -> Case:
    """Return when an open delivery is next tried (ms); null when it has ended, is parked or is in work."""
    return Case(
        When(state=OPEN, due__queue__lt=Queue.PARKED, due__lease="", then=F("due__at")),
        default=None,
        output_field=BigIntegerField(),
    )
