"""What a parameter of a tracker's postback URL is for, as its name tells."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What a receiver reads from a parameter. OTHER is anything that no rule is about."""

    CLICK = "click"
    STATUS = "status"
    PAYOUT = "payout"
    CURRENCY = "currency"
    TXID = "txid"
    EVENT = "event"
    SLOT = "slot"
    ACCOUNT = "account"
    OTHER = "other"


NAMES: Final[Mapping[Role, frozenset[str]]] = {
    Role.CLICK: frozenset({"cid", "clickid", "click_id", "click-id", "subid", "sub_id", "cnv_id", "hit"})
    | {"aff_click_id", "affclickid", "ext_click_id", "external_click_id", "tracker_click_id"},
    Role.STATUS: frozenset({"status", "cnv_status", "conversion_status", "lead_state"}),
    Role.PAYOUT: frozenset({"payout", "sum", "rev", "revenue", "amt", "amount", "amount.value", "price"})
    | {"payout_amount", "commission", "profit", "earnings"},
    Role.CURRENCY: frozenset({"currency", "cnv_currency", "cur", "currency_code", "payout_currency"}),
    Role.TXID: frozenset({"txid", "tid", "tx", "transaction_id", "transactionid", "order_id", "orderid"})
    | {"conversion_id", "external_id", "externalid", "tx_id", "txn_id"},
    Role.EVENT: frozenset({"et", "event", "goal", "type", "ct", "event_type", "event_name", "goal_id"})
    | {"conversiontypecode", "conversion_type", "action"},
    Role.SLOT: frozenset(
        f"{prefix}{number}"
        for prefix in ("sub", "sub_id_", "sub_id", "subid", "s", "p", "affs", "aff_sub", "var")
        for number in range(1, 21)
    )
    | {"aff_sub", "source"},
}
"""Lower-case parameter names of trackers by role; the first eight of CLICK are trackers' own."""

TRACKERS_CLICK: Final = frozenset(
    {"cid", "clickid", "click_id", "click-id", "subid", "sub_id", "cnv_id", "hit"}
)
"""Parameters in which trackers expect their own click ID."""

_ROLES: Final[Mapping[str, Role]] = {name: role for role, names in NAMES.items() for name in names}

MACRO_ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("status", "status_word"), Role.STATUS),
    **dict.fromkeys(("payout", "payout_minor", "amount", "revenue"), Role.PAYOUT),
    "currency": Role.CURRENCY,
    **dict.fromkeys(("txid", "conversion_id"), Role.TXID),
    **dict.fromkeys(("goal", "goal_id", "goal_name", "event_type"), Role.EVENT),
    "click_id": Role.CLICK,
}
"""What a macro of ours tells the receiver."""


def role_of(key: str) -> Role:
    """Return the role of a parameter by its name, in any case."""
    return _ROLES.get(key.lower(), Role.OTHER)
