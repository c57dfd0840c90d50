"""What became of one delivery, in words: the rules of the trace, asked about it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.clock import now_ms
from redound.console.tracing import rows as tracing
from redound.console.traffic.models import PostbackHealth, Worker
from redound.core.trace.diagnosing import diagnose
from redound.core.trace.facts import Asked, Facts, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.postbacks.models import Postback
    from redound.console.traffic import models
    from redound.core.trace.causes import Diagnosis


def meanings(
    delivery: models.Delivery, attempts: Sequence[models.Attempt], postback: Postback
) -> tuple[Diagnosis, ...]:
    """Return what probably is the matter with a delivery, the likeliest first; () when nothing is to be said.

    The delivery is annotated as its list is, its attempts stand oldest first.
    """
    seen = Worker.objects.filter(role="deliver").order_by("-seen_at").values_list("seen_at", flat=True)
    health = PostbackHealth.objects.filter(pk=postback.pk).first()
    facts = Facts(
        asked=Asked(delivery.id, Kind.DELIVERY, delivery.id),
        now_ms=now_ms(),
        deliveries=tracing.deliveries([delivery], attempts),
        postbacks={postback.pk: tracing.owner(postback, health)},
        worker_seen_at=seen.first(),
    )
    return tuple(diagnose(facts))
