"""The facts behind a postback's checklist, read from what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.accounts.models import User
from redound.console.catalog.models import Affiliate
from redound.console.clock import now_ms
from redound.console.tracing import rows as tracing
from redound.console.traffic.models import Click, Delivery, PostbackHealth
from redound.core.ids import id_floor
from redound.core.lint.cells import canonical
from redound.core.lint.engine import lint
from redound.core.macros import resolve
from redound.core.parsing import parse
from redound.core.styles import Style, find_macros
from redound.core.tools.checklist import Facts
from redound.core.tools.control import returned_names

if TYPE_CHECKING:
    from redound.console.postbacks.models import Postback
    from redound.core.catalog import Postback as CorePostback
    from redound.core.lint.subject import LintContext

WEEK_MS = 7 * 86_400_000
LATEST_DELIVERIES = 1000
LATEST_CLICKS = 50
"""As many clicks as the slots are seen in."""


def facts_of(row: Postback, context: LintContext) -> Facts:
    """Return what is known about a postback; `context` is what the linter is told about it."""
    health = PostbackHealth.objects.filter(pk=row.pk).first()
    postback = tracing.owner(row, health).postback
    sent = Delivery.objects.filter(postback_id=row.pk, pk__gte=id_floor("dlv", now_ms() - WEEK_MS))
    states = list(sent.filter(test=False).order_by("-pk").values_list("state", flat=True)[:LATEST_DELIVERIES])
    tests = Delivery.objects.filter(postback_id=row.pk, test=True).exclude(state__in=["open", "cancelled"])
    test = tests.order_by("-pk").first()
    macros, unknown = _macros(postback)
    return Facts(
        postback_id=row.pk,
        name=row.name,
        url=row.url,
        edited_at=round(row.updated_at.timestamp() * 1000),
        findings=lint(row.url, context),
        macros=macros,
        unknown=unknown,
        returned=returned_names(postback),
        seen=context.seen_slots,
        clicks=_clicks(row.affiliate_id),
        tested_at=test.finished_at or test.created_at if test is not None else None,
        test_delivered=test.state == "delivered" if test is not None else None,
        delivered=states.count("delivered"),
        failed=states.count("failed"),
        waiting=states.count("open"),
        last_success_at=health.last_success_at if health is not None else None,
        health=health.state if health is not None else "",
        health_reason=health.disabled_reason if health is not None else "",
        manager=_manager(row.affiliate_id),
    )


def _macros(postback: CorePostback) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the macros of ours in all templates, and what in the URL looks like one but is none."""
    plain = [pair.value for pair in (*postback.params, *postback.headers) if not pair.secret]
    written = [macro for text in (postback.url, *plain, postback.body) for macro in find_macros(text)]
    ours = (resolve(macro.name) for macro in written if macro.style is Style.BRACE)
    unknown = (macro.text for macro in parse(postback.url).macros if canonical(macro) is None)
    return tuple(dict.fromkeys(name for name in ours if name)), tuple(dict.fromkeys(unknown))


def _clicks(affiliate_id: str | None) -> int:
    if affiliate_id is None:
        return 0
    latest = Click.objects.filter(affiliate_id=affiliate_id, valid=True).order_by("-pk")
    return len(latest.values_list("pk")[:LATEST_CLICKS])


def _manager(affiliate_id: str | None) -> str:
    """Return how the affiliate's manager is reached; "" when nobody who still works here is named."""
    affiliate = Affiliate.objects.filter(pk=affiliate_id).first() if affiliate_id else None
    if affiliate is None or affiliate.manager_id is None:
        return ""
    user = User.objects.filter(pk=affiliate.manager_id, is_active=True).first()
    if user is None:
        return ""
    return f"{user.name} <{user.email}>" if user.email else user.name
