"""The report URL that an advertiser is given: with its own names, its platform's macros, and its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from redound.core.profiles import PRESETS, aliases_with

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.catalog.models import Advertiser

Way = Literal["token", "path", "signed", "open"]
SENT: Final = ("click_id", "goal", "status", "amount", "currency", "txid", "customer_id")
"""What a report URL carries, in this order."""
SAMPLES: Final[Mapping[str, str]] = {
    "click_id": "CLICK_ID",
    "goal": "GOAL",
    "status": "STATUS",
    "amount": "AMOUNT",
    "currency": "EUR",
    "txid": "ORDER",
    "customer_id": "CUSTOMER",
}
TOKEN_WORD: Final = "TOKEN"  # noqa: S105 - stands for one in a URL
KEY_WORD: Final = "PATH_KEY"


@dataclass(frozen=True, slots=True)
class ReportUrl:
    """`url` is to be entered at the advertiser's; `curl` lines try it from a shell."""

    url: str
    curl: str


def report_url(
    row: Advertiser, base: str, way: Way, *, click_macro: str = "", secret: str = "", names: bool = True
) -> ReportUrl:
    """Return the URL of one way in. `secret` is its token or key, a word in capitals when it is not known.

    `names`: speak the advertiser's own parameter names, or those of its preset.
    """
    address = f"{base}/postback"
    if way == "path":
        address += f"/{secret or KEY_WORD}"
    query = _query(row, click_macro, names=names)
    if way == "token":
        query += f"&token={secret or TOKEN_WORD}"
    url = f"{address}?{query}"
    return ReportUrl(url, _curl(row, url, query, way))


def _query(row: Advertiser, click_macro: str, *, names: bool) -> str:
    preset = PRESETS.get(row.preset) if names else None
    if preset is not None and not row.parameter_names:
        query = preset.query
        own = query.partition("=")[2].partition("&")[0]
        return query.replace(own, click_macro, 1) if click_macro else query
    theirs = _own_names(row) if names else {}
    values = dict(SAMPLES, click_id=click_macro or SAMPLES["click_id"])
    return "&".join(f"{theirs.get(name, name)}={values[name]}" for name in SENT)


def _own_names(row: Advertiser) -> dict[str, str]:
    """Return what the advertiser calls our parameters, where it has a name of its own that is read."""
    read = aliases_with(row.parameter_names, row.preset)
    found: dict[str, str] = {}
    for name, ours in row.parameter_names.items():
        if ours and read.get(name.strip().lower()) == ours:
            found.setdefault(ours, name)
    return found


def _curl(row: Advertiser, url: str, query: str, way: Way) -> str:
    if way != "signed":
        return f"curl -s '{url}'"
    address = url.partition("?")[0]
    return (
        f"QUERY='{query}'\n"
        "NOW=$(date +%s)\n"
        'SIGNATURE=$(printf \'%s\\nGET\\n%s\\n\' "$NOW" "$QUERY" '
        "| openssl dgst -sha256 -hmac \"$SIGNING_SECRET\" | sed 's/.*= //')\n"
        f'curl -s "{address}?$QUERY" \\\n'
        f'  -H "X-Redound-Advertiser: {row.pk}" \\\n'
        '  -H "X-Redound-Timestamp: $NOW" -H "X-Redound-Signature: $SIGNATURE"'
    )
