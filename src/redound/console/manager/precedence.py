"""Which postbacks of an affiliate would fire for their latest click: what the precedence comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from redound.console.errors import InvalidError
from redound.console.pages.reasons import in_words
from redound.console.records.preview import PreviewForm, previewed
from redound.console.traffic.models import Click
from redound.core.states import Status

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Affiliate


def foreseen(row: Affiliate, caller: Caller, status: str) -> dict[str, Any] | None:
    """Return what each of their postbacks would do if the latest click's base goal got this status.

    None when there is no click yet, or nothing can come of it (the offer has no base goal).
    """
    click = Click.objects.filter(affiliate_id=row.pk).order_by("-pk").first()
    if click is None:
        return None
    wanted = status if status in set(Status) else Status.APPROVED.value
    try:
        found = previewed(PreviewForm.model_validate({"click_id": click.pk, "status": wanted}), caller)
    except InvalidError:
        return None
    if found["verdict"] != "accepted":
        return None
    rows = [
        {**each, "words": _("would fire") if each["reason"] == "fires" else in_words(each["reason"])}
        for each in found["evaluations"]
    ]
    return {"click_id": click.pk, "status": wanted, "rows": sorted(rows, key=lambda each: not each["fires"])}
