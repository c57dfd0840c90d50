"""Which postbacks of an affiliate would fire for their latest click, by either precedence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from redound.console.catalogue import Catalogue
from redound.console.errors import InvalidError
from redound.console.pages.reasons import in_words
from redound.console.records.preview import PreviewForm, previewed
from redound.console.traffic.models import Click
from redound.core.catalog import Precedence
from redound.core.states import Status

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Affiliate
    from redound.core.catalog import Affiliate as CoreAffiliate


class Otherwise(Catalogue):
    """The configuration, but for another precedence of all affiliates."""

    def __init__(self, precedence: Precedence) -> None:
        super().__init__()
        self._precedence = precedence

    def affiliate(self, affiliate_id: str) -> CoreAffiliate | None:
        """Return the affiliate as it would be."""
        found = super().affiliate(affiliate_id)
        return None if found is None else replace(found, precedence=self._precedence)


def foreseen(row: Affiliate, caller: Caller, status: str) -> dict[str, Any] | None:
    """Return what each of their postbacks would do if the latest click's base goal got this status.

    `otherwise` are the names of those that would fire with the other precedence, None when that is the same.
    None when there is no click yet, or nothing can come of it (the offer has no base goal).
    """
    click = Click.objects.filter(affiliate_id=row.pk).order_by("-pk").first()
    if click is None:
        return None
    wanted = status if status in set(Status) else Status.APPROVED.value
    form = PreviewForm.model_validate({"click_id": click.pk, "status": wanted})
    other = Precedence.ALL if row.precedence == Precedence.MOST_SPECIFIC else Precedence.MOST_SPECIFIC
    try:
        found, imagined = previewed(form, caller), previewed(form, caller, Otherwise(other))
    except InvalidError:
        return None
    if found["verdict"] != "accepted":
        return None
    rows = [
        {**each, "words": _("would fire") if each["reason"] == "fires" else in_words(each["reason"])}
        for each in found["evaluations"]
    ]
    fire, fire_otherwise = (
        [each["name"] for each in one["evaluations"] if each["fires"]] for one in (found, imagined)
    )
    return {
        "click_id": click.pk,
        "status": wanted,
        "rows": sorted(rows, key=lambda each: not each["fires"]),
        "otherwise": fire_otherwise if fire_otherwise != fire else None,
    }
