"""What is claimed where no edge reads it: in a report of the API, and in one that was stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from redound.console import runtime
from redound.console.catalog.models import Link
from redound.console.identity import fresh_id
from redound.console.intake import Vouched
from redound.core.claims import ALIASES, PARAMETERS, json_pairs, mask_body, read_claim
from redound.core.profiles import links_named
from redound.core.reports import Claim, Incoming, Refusal, Verdict
from redound.store.batches import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.catalogue import Catalogue
    from redound.console.traffic.models import Report

    Pairs = list[tuple[str, str]]

FIELDS = frozenset({*PARAMETERS, "advertiser_id"} - {"token", "return"})
"""The members of a report in the API."""
SHOWN = 40
JSON = "application/json"
FROM_API, FROM_CSV, BY_HAND = "API", "CSV", "MANUAL"
UNREADABLE = "The request cannot be read"


def from_api(given: object, ip: str, now: int, catalog: Catalogue, method: str = FROM_API) -> Vouched:
    """Return one report of the API. Whatever is wrong with it becomes its own refusal: it is kept, too."""
    raw_body = mask_body(storable(orjson.dumps(given, default=str).decode().replace("\\u0000", "�")), JSON)
    advertiser_id = given.get("advertiser_id") if isinstance(given, dict) else None
    claim = _claim_of(given)
    if isinstance(claim, Claim) and advertiser_id and catalog.advertiser(str(advertiser_id)) is None:
        claim = _malformed(f"There is no advertiser {str(advertiser_id)[:SHOWN]}.")
    refusal = claim if isinstance(claim, Refusal) else None
    incoming = Incoming(
        fresh_id("rpt"),
        now,
        method,
        "",
        raw_body,
        JSON,
        ip,
        claim if isinstance(claim, Claim) else Claim(),
        refusal,
    )
    return Vouched(incoming, str(advertiser_id or "") if refusal is None else "")


def from_csv(
    values: Mapping[str, str], advertiser_id: str, source: str, now: int, catalog: Catalogue
) -> Vouched:
    """Return one row of a file; `source` says which. Its fields hold nothing secret and can be stored."""
    owner = values.get("advertiser_id") or advertiser_id
    claim = read_claim([pair for pair in values.items() if pair[0] != "advertiser_id"])
    if isinstance(claim, Claim) and owner and catalog.advertiser(owner) is None:
        claim = _malformed(f"There is no advertiser {owner[:SHOWN]}.")
    refusal = claim if isinstance(claim, Refusal) else None
    given = {**values, "advertiser_id": owner} if owner else values
    incoming = Incoming(
        fresh_id("rpt"), now, FROM_CSV, source, orjson.dumps(given).decode(), JSON, "",
        claim if isinstance(claim, Claim) else Claim(), refusal,
    )  # fmt: skip
    return Vouched(incoming, owner if refusal is None else "")


def _claim_of(given: object) -> Claim | Refusal:
    if not isinstance(given, dict):
        return _malformed("A report is an object with the fields of the documentation.")
    pairs: Pairs = []
    for name, value in given.items():
        if name not in FIELDS:
            return _malformed(f"{name[:SHOWN]!r} is no field of a report.")
        match value:
            case None:
                continue
            case str():
                text = value
            case int() if not isinstance(value, bool):
                text = str(value)
            case float():
                return _malformed(
                    f'{name} is a fraction: write it as a text, "12.30", so that it stays exact.'
                )
            case _:
                return _malformed(f"{name} must be a text.")
        if name != "advertiser_id":
            pairs.append((name, text))
    return read_claim(pairs)


def from_stored(row: Report, catalog: Catalogue) -> Vouched:
    """Return a stored report as it reads now, by the parameter names that are in force now.

    Its token was masked; who judges it again vouches for it. What could not be read then still cannot.
    """
    incoming = Incoming(
        row.id,
        row.received_at,
        row.method,
        row.raw_query,
        row.raw_body,
        row.content_type,
        row.ip,
        Claim(txid=row.txid),
    )
    vouched = Vouched(incoming, row.advertiser_id, row.verdict)
    if row.verdict == Verdict.MALFORMED and row.detail.startswith(UNREADABLE):
        return replace(vouched, incoming=replace(incoming, refusal=_malformed(row.detail)))
    pairs = _pairs(row)
    if isinstance(pairs, Refusal):
        return replace(vouched, incoming=replace(incoming, refusal=pairs))
    claim = read_claim(pairs, _aliases(row, pairs, catalog))
    if isinstance(claim, Refusal):
        return replace(vouched, incoming=replace(incoming, refusal=claim))
    return replace(vouched, incoming=replace(incoming, claim=claim))


def for_click(vouched: Vouched, click_id: str) -> Vouched:
    """Return the same report as if it had named this click."""
    claim = replace(vouched.incoming.claim, click_id=click_id.lower())
    return replace(vouched, incoming=replace(vouched.incoming, claim=claim))


def _pairs(row: Report) -> Pairs | Refusal:
    if row.method in {FROM_API, FROM_CSV}:
        given: Any = orjson.loads(row.raw_body)
        claim = _claim_of(given)
        if isinstance(claim, Refusal):
            return claim
        return [(name, str(value)) for name, value in given.items() if value is not None]
    pairs = parse_qsl(row.raw_query, keep_blank_values=True)
    kind = row.content_type.partition(";")[0].strip().lower()
    if row.raw_body:
        if kind.endswith("json") or row.raw_body.lstrip()[:1] in {"{", "["}:
            found = json_pairs(row.raw_body.removeprefix("\ufeff"))
            if isinstance(found, Refusal):
                return found
            pairs += found
        else:
            pairs += parse_qsl(row.raw_body.strip(), keep_blank_values=True)
    return [(name, value) for name, value in pairs if name.strip().lower() != "token"]


def _aliases(row: Report, pairs: Pairs, catalog: Catalogue) -> Mapping[str, str]:
    owner = catalog.advertiser(row.advertiser_id)
    for number in links_named(pairs, runtime.vault().click_keys) if owner is None else ():
        offer_id = Link.objects.filter(number=number).values_list("offer_id", flat=True).first()
        offer = catalog.offer(offer_id or "")
        owner = catalog.advertiser(offer.advertiser_id) if offer is not None else None
    return owner.profile.aliases if owner is not None else ALIASES


def _malformed(sentence: str) -> Refusal:
    return Refusal(Verdict.MALFORMED, sentence)
