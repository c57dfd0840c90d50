"""Whose traffic a trace may read: the same rows that the API's lists show this person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Link
    from redound.console.postbacks.models import Postback
    from redound.console.traffic.models import Attempt, Click, Conversion, Delivery, Report


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that exist for `caller`; deliveries are annotated as their list is (`shown`, `next_at`)."""

    caller: Caller
    clicks: QuerySet[Click]
    reports: QuerySet[Report]
    conversions: QuerySet[Conversion]
    deliveries: QuerySet[Delivery]
    attempts: QuerySet[Attempt]
    postbacks: QuerySet[Postback]
    links: QuerySet[Link]
