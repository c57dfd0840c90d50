"""Filling offers and goals from forms: landing URLs, money and the rules between an offer and its goals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from redound.console.catalog import visibility
from redound.console.catalog.models import Goal, Offer
from redound.console.errors import Fault
from redound.console.writing import copy, is_new, pause, refer
from redound.core.catalog import ONCE, UNLIMITED
from redound.core.macros import AT_CLICK, PARAM
from redound.core.money import BadAmount, parse_amount, read_currency
from redound.core.states import Actor, Status, allowed
from redound.core.templates import Position, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.forms import GoalNew, OfferNew

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(?=[/?#]|$)")
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?", re.ASCII
)
_PERCENT = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?", re.ASCII)
_MAX_PERCENT = 1000
_BLANK = re.compile(r"[\x00-\x20\x7f\\]")


def fill_offer(row: Offer, form: OfferNew, caller: Caller) -> Iterator[Fault]:
    """An offer of a brand. Its currency stands once money was written down in it."""
    copy(row, form, "name", "payout_model", "goals_enabled", "conversion_window_days")
    copy(row, form, "cap_conversions", "cap_period")
    pause(row, form, timezone.now())
    yield from refer(row, form, "brand_id", visibility.brands(caller))
    if "landing_url" in form.given:
        yield from _landing_faults(form.landing_url)
        row.landing_url = form.landing_url
    if "deep_link_hosts" in form.given:
        hosts = [host.lower().rstrip(".") for host in form.deep_link_hosts]
        for position, host in enumerate(hosts):
            if _HOST.fullmatch(host) is None:
                yield Fault(
                    f"/deep_link_hosts/{position}",
                    "bad_host",
                    f"{host!r} is not a host name. Write shop.example.com, without scheme or path.",
                )
        row.deep_link_hosts = list(dict.fromkeys(hosts))
    yield from _fill_currency(row, form)
    if "cpc_payout" in form.given:
        yield from _fill_amount(row, "cpc_payout", form.cpc_payout, row.currency)


def _fill_currency(row: Offer, form: OfferNew) -> Iterator[Fault]:
    if "currency" not in form.given:
        return
    currency = read_currency(form.currency)
    if currency is None:
        yield Fault(
            "/currency", "bad_currency", f"{form.currency!r} is not a currency of ISO 4217. Write EUR or USD."
        )
        row.currency = row.currency or "EUR"
        return
    if not is_new(row) and currency != row.currency and _has_money(row, form):
        yield Fault(
            "/currency",
            "fixed",
            f"Amounts are set in {row.currency}; take them out before changing the currency.",
        )
        return
    row.currency = currency


def _has_money(row: Offer, form: OfferNew) -> bool:
    if row.cpc_payout_minor is not None and "cpc_payout" not in form.given:
        return True
    goals = Goal.objects.filter(offer_id=row.pk)
    return goals.exclude(payout_minor=None, revenue_minor=None).exists()


def _landing_faults(url: str) -> Iterator[Fault]:
    """The scheme and host come from the offer alone, never from a macro."""
    if _BLANK.search(url) or _ORIGIN.match(url) is None:
        yield Fault(
            "/landing_url",
            "bad_url",
            "landing_url must begin with http:// or https:// and a host without macros, and hold no blanks.",
        )
        return
    template = parse_template(url, Position.URL)
    if isinstance(template, list):
        for error in template:
            yield Fault("/landing_url", error.code, with_suggestions(error.message, error.suggestions))
        return
    for name in sorted(template.names - AT_CLICK):
        if not name.startswith(PARAM):
            yield Fault("/landing_url", "macro_too_early", f"{{{name}}} is not known yet when a click comes.")


def with_suggestions(message: str, suggestions: tuple[str, ...]) -> str:
    """Return the sentence with the names that were probably meant, unless it has them already."""
    missing = [f"{{{name}}}" for name in suggestions if name not in message]
    return f"{message} Did you mean {' or '.join(missing)}?" if missing else message


def fill_goal(row: Goal, form: GoalNew, caller: Caller) -> Iterator[Fault]:
    """A goal of an offer, one of which is the base. Money is fixed or a percentage, never both."""
    yield from refer(row, form, "offer_id", visibility.offers(caller), fixed=True)
    copy(row, form, "code", "kind", "base", "default_status", "hold_seconds", "private")
    if "name" in form.given:
        row.name = form.name or row.code
    if "hold_then" in form.given:
        row.hold_then = form.hold_then or ""
    if "repeats" in form.given:
        match form.repeats:
            case "once":
                row.repeats = ONCE
            case "unlimited":
                row.repeats = UNLIMITED
            case int() as most:
                row.repeats = most
    if row.hold_then and not allowed(Status.HOLD, Status(row.hold_then), Actor.HOLD):
        detail = "hold_then: a hold runs out into pending, approved or rejected."
        yield Fault("/hold_then", "bad_status", detail)
    offer = Offer.objects.filter(pk=row.offer_id).first()
    if offer is None:
        return
    yield from _fill_share(row, form, "payout", offer.currency)
    yield from _fill_share(row, form, "revenue", offer.currency)
    yield from _rivals(row)


def _rivals(row: Goal) -> Iterator[Fault]:
    others = Goal.objects.filter(offer_id=row.offer_id).exclude(pk=row.pk)
    if others.filter(code__iexact=row.code).exists():
        yield Fault("/code", "taken", f"The offer has a goal {row.code!r} already. Choose another code.")
    if row.base:
        base = others.filter(base=True).first()
        if base is not None:
            yield Fault(
                "/base",
                "base_taken",
                f"{base.code!r} ({base.id}) is the offer's base goal. Take that off first.",
            )


def _fill_share(row: Goal, form: GoalNew, name: str, currency: str) -> Iterator[Fault]:
    """Fill `payout` or `payout_percent` (or revenue's); giving one in an edit clears the other."""
    share = f"{name}_percent"
    fixed_value = getattr(form, name) if name in form.given else None
    share_value = getattr(form, share) if share in form.given else None
    if fixed_value is not None and share_value is not None:
        yield Fault(f"/{share}", "either_or", f"Give {name} or {share}, not both.")
        return
    if name in form.given or share_value is not None:
        yield from _fill_amount(row, name, fixed_value, currency)
    if share in form.given or fixed_value is not None:
        yield from _fill_percent(row, share, share_value)


def _fill_amount(row: Goal | Offer, name: str, text: str | None, currency: str) -> Iterator[Fault]:
    minor = None
    if text is not None:
        money = parse_amount(text, currency)
        if isinstance(money, BadAmount):
            yield Fault(f"/{name}", "bad_amount", f"{name}: {money.sentence}")
            return
        minor = money.minor
    setattr(row, f"{name}_minor", minor)


def _fill_percent(row: Goal, name: str, text: str | None) -> Iterator[Fault]:
    value = None
    if text is not None:
        if _PERCENT.fullmatch(text.strip()) is None or Decimal(text.strip()) > _MAX_PERCENT:
            yield Fault(
                f"/{name}",
                "bad_percent",
                f"{name}: {text!r} is not a percentage. Write 10 or 12.5, at most 1000.",
            )
            return
        value = Decimal(text.strip())
    setattr(row, name, value)
