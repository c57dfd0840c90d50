"""Filling advertisers, brands, affiliates, campaigns and links from forms, with what must hold for them."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING

from django.utils import timezone

from redound.console import sealing
from redound.console.accounts.models import Role, User
from redound.console.catalog import visibility
from redound.console.catalog.models import Advertiser
from redound.console.errors import Fault
from redound.console.writing import copy, is_new, pause, refer
from redound.core.states import normal_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.forms import (
        AdvertiserNew,
        AffiliateNew,
        BrandNew,
        CampaignNew,
        KeptToken,
        LinkNew,
    )
    from redound.console.catalog.models import Affiliate, Brand, Campaign, Link

MAX_WORDS = 500
MAX_NAMES = 100
FAILURE_CODES = frozenset((200, 202, 204, *range(400, 500)))


def fill_advertiser(row: Advertiser, form: AdvertiserNew, caller: Caller) -> Iterator[Fault]:
    """Credentials are stored as digest and sealed text; networks in their canonical form."""
    del caller
    copy(row, form, "name")
    yield from _fill_credentials(row, form)
    yield from _fill_profile(row, form)
    if "allowed_ips" in form.given:
        networks = []
        for position, text in enumerate(form.allowed_ips):
            try:
                networks.append(str(ipaddress.ip_network(text, strict=False)))
            except ValueError:
                yield Fault(
                    f"/allowed_ips/{position}",
                    "bad_network",
                    f"{text!r} is neither an address nor a network. Write 203.0.113.7 or 203.0.113.0/24.",
                )
        row.allowed_ips = list(dict.fromkeys(networks))
    if "status_words" in form.given:
        if len(form.status_words) > MAX_WORDS:
            yield Fault("/status_words", "too_many", f"At most {MAX_WORDS} status words are kept.")
        yield from _word_faults(form.status_words)
        row.status_words = dict(form.status_words)


def _word_faults(words: Mapping[str, str]) -> Iterator[Fault]:
    """Words that differ in case or blanks only are one word, and mean one thing."""
    meanings: dict[str, str] = {}
    for word, status in words.items():
        if meanings.setdefault(normal_word(word), status) != status:
            yield Fault(
                "/status_words", "contradiction", f"{word!r} is given two meanings. Keep one of them."
            )


CREDENTIALS = {"tokens": "token", "path_keys": "path key", "signing_secrets": "signing secret"}
"""The columns of what an advertiser proves itself with, and what one of them is called."""


def _fill_credentials(row: Advertiser, form: AdvertiserNew) -> Iterator[Fault]:
    """No two credentials are alike, whatever their kind and whoever has them: by them an owner is found."""
    given = [name for name in CREDENTIALS if name in form.given]
    if not given:
        return
    others = Advertiser.objects.exclude(pk=row.pk).values_list(*CREDENTIALS)
    taken = {one["digest"] for columns in others for column in columns for one in column}
    if not is_new(row):
        taken |= {one["digest"] for name in CREDENTIALS if name not in given for one in getattr(row, name)}
    for name in given:
        yield from _fill_column(row, name, getattr(form, name), taken)


def _fill_column(
    row: Advertiser, name: str, items: Sequence[str | KeptToken], taken: set[str]
) -> Iterator[Fault]:
    kept: list[dict[str, str]] = [] if is_new(row) else getattr(row, name)
    noun = CREDENTIALS[name]
    stored: list[dict[str, str]] = []
    for position, item in enumerate(items):
        text = item if isinstance(item, str) else item.value
        if text is None:
            if position < len(kept):
                stored.append(kept[position])
                taken.add(kept[position]["digest"])
                continue
            yield Fault(f"/{name}/{position}", "no_value", f"There is no {noun} here to keep. Give its text.")
            continue
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest in taken:
            yield Fault(
                f"/{name}/{position}",
                "token_taken",
                f"This {noun} is in use already. Choose another, a random one.",
            )
        taken.add(digest)
        stored.append({"digest": digest, "sealed": sealing.seal("advertisers", row.id, name, text)})
    setattr(row, name, stored)


def _fill_profile(row: Advertiser, form: AdvertiserNew) -> Iterator[Fault]:
    """How the advertiser reports; null is stored as an empty text."""
    copy(row, form, "repeats", "answer", "success_code", "failure_code")
    for name in ("preset", "default_status"):
        if name in form.given:
            setattr(row, name, getattr(form, name) or "")
    if form.failure_code is not None and form.failure_code not in FAILURE_CODES:
        yield Fault(
            "/failure_code", "bad_code", "A refusal can be answered 200, 202, 204 or with a code from 400 up."
        )
    if "parameter_names" not in form.given:
        return
    if len(form.parameter_names) > MAX_NAMES:
        yield Fault("/parameter_names", "too_many", f"At most {MAX_NAMES} names are kept.")
    seen: dict[str, str | None] = {}
    for name, parameter in form.parameter_names.items():
        key = name.strip().lower()
        if key == "token":
            yield Fault(
                "/parameter_names", "reserved", "token stays what it is: it has to be masked by its name."
            )
        elif seen.setdefault(key, parameter) != parameter:
            yield Fault("/parameter_names", "contradiction", f"{name!r} is given two meanings. Keep one.")
    row.parameter_names = {name: parameter or "" for name, parameter in form.parameter_names.items()}


def fill_brand(row: Brand, form: BrandNew, caller: Caller) -> Iterator[Fault]:
    """A brand belongs to an advertiser."""
    copy(row, form, "name")
    yield from refer(row, form, "advertiser_id", visibility.advertisers(caller))


def fill_affiliate(row: Affiliate, form: AffiliateNew, caller: Caller) -> Iterator[Fault]:
    """Whoever creates an affiliate looks after them until somebody else is named."""
    copy(row, form, "name", "postbacks_enabled", "precedence", "cap_conversions", "cap_period")
    pause(row, form, timezone.now())
    managers = User.objects.filter(role__in=[Role.MANAGER, Role.OPERATOR])
    yield from refer(row, form, "manager_id", managers)
    if is_new(row) and "manager_id" not in form.model_fields_set:
        row.manager_id = caller.user_id


def fill_campaign(row: Campaign, form: CampaignNew, caller: Caller) -> Iterator[Fault]:
    """An affiliate's campaigns are their own without saying so."""
    copy(row, form, "name")
    if is_new(row) and form.affiliate_id is None:
        if caller.affiliate_id is None:
            yield Fault("/affiliate_id", "missing", "affiliate_id: say whose campaign this is.")
            return
        row.affiliate_id = caller.affiliate_id
        return
    yield from refer(row, form, "affiliate_id", visibility.affiliates(caller), fixed=True)


def fill_link(row: Link, form: LinkNew, caller: Caller) -> Iterator[Fault]:
    """A link may move to another campaign of its affiliate, and to another offer: its clicks keep theirs."""
    copy(row, form, "name", "active")
    campaigns = visibility.campaigns(caller)
    if not is_new(row):
        campaigns = campaigns.filter(affiliate_id=row.campaign.affiliate_id)
    yield from refer(row, form, "campaign_id", campaigns)
    yield from refer(row, form, "offer_id", visibility.offers(caller))
