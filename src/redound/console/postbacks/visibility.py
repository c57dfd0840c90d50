"""Which postbacks somebody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.postbacks.models import Postback

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller


def postbacks(caller: Caller) -> QuerySet[Postback]:
    """Managers': all, those without an affiliate included; an affiliate's: their own. Archived ones too."""
    found = Postback.objects.select_related("affiliate")
    return found if caller.manages else found.filter(affiliate_id=caller.affiliate_id)
