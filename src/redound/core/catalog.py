"""The configuration as the data plane sees it: frozen values, joined up, without a database behind them.

Each type mirrors one configuration table; names are those of the API. Money is in minor units of the
offer's currency, percentages are exact decimals ("10" is ten per cent).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from redound.core.profiles import STANDARD, ReportProfile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from redound.core.states import Status

ONCE = 1
UNLIMITED = 0


class PayoutModel(StrEnum):
    """What an offer pays for."""

    CPA = "cpa"
    CPC = "cpc"


class Level(StrEnum):
    """How much of an affiliate's traffic a postback covers, narrowest first."""

    LINK = "link"
    CAMPAIGN = "campaign"
    OFFER = "offer"
    BRAND = "brand"
    AFFILIATE = "affiliate"


class Event(StrEnum):
    """What a postback listens to."""

    CLICK = "click"
    CONVERSION = "conversion"


class StatusMode(StrEnum):
    """How a postback's listed statuses make it fire."""

    EACH = "each"
    ALL = "all"
    ONCE = "once"


class Method(StrEnum):
    """How a postback is sent (Phonexa: HTTP type)."""

    GET = "GET"
    POST_FORM = "POST_FORM"
    POST_JSON = "POST_JSON"


class Precedence(StrEnum):
    """What happens when several postbacks of an affiliate match."""

    ALL = "all"
    MOST_SPECIFIC = "most_specific"


class CapPeriod(StrEnum):
    """Over which time a cap counts: a day of UTC, or all time since the cap was first set."""

    DAY = "day"
    TOTAL = "total"


class HealthState(StrEnum):
    """How a postback's receiver does. Only DISABLED keeps deliveries from being sent."""

    OK = "ok"
    FAILING = "failing"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Advertiser:
    """Who reports conversions.

    `token_digests` are SHA-256 hex digests of whatever it proves itself with: reporting tokens, path keys,
    signing secrets. `signing_secrets` are the last of these, sealed.
    """

    id: str
    name: str
    token_digests: frozenset[str] = frozenset()
    allowed_ips: tuple[str, ...] = ()
    status_words: Mapping[str, Status] = field(default_factory=dict)
    signing_secrets: tuple[str, ...] = ()
    profile: ReportProfile = STANDARD


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of an advertiser."""

    id: str
    name: str
    advertiser_id: str


@dataclass(frozen=True, slots=True)
class Goal:
    """What can be reached at an offer. `repeats`: 1 once, 0 unlimited, else the most per click."""

    id: str
    offer_id: str
    code: str
    name: str
    kind: str
    base: bool
    payout_minor: int | None
    payout_percent: Decimal | None
    revenue_minor: int | None
    revenue_percent: Decimal | None
    default_status: Status
    repeats: int = ONCE
    hold_seconds: int | None = None
    hold_then: Status | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is promoted. `paused_at` is set while paused: only later clicks are refused.

    `cap_conversions` (None: no cap) is for all affiliates together; see `core.caps`.
    """

    id: str
    name: str
    brand_id: str
    advertiser_id: str
    landing_url: str
    currency: str
    payout_model: PayoutModel = PayoutModel.CPA
    goals_enabled: bool = True
    paused_at: datetime | None = None
    conversion_window_days: int | None = None
    deep_link_hosts: tuple[str, ...] = ()
    cpc_payout_minor: int | None = None
    goals: tuple[Goal, ...] = ()
    cap_conversions: int | None = None
    cap_period: CapPeriod = CapPeriod.DAY


@dataclass(frozen=True, slots=True)
class Affiliate:
    """Who sends traffic. `paused_at` as for offers; `cap_conversions` is for all their offers together."""

    id: str
    name: str
    paused_at: datetime | None = None
    postbacks_enabled: bool = True
    precedence: Precedence = Precedence.ALL
    cap_conversions: int | None = None
    cap_period: CapPeriod = CapPeriod.DAY


@dataclass(frozen=True, slots=True)
class Campaign:
    """A media campaign of an affiliate (ReferOn)."""

    id: str
    name: str
    affiliate_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """An affiliate's tracking link for one offer. `number` is its 32-bit name inside click IDs."""

    id: str
    number: int
    code: str
    name: str
    campaign_id: str
    affiliate_id: str
    offer_id: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """A named template: a request parameter or header. A secret value is sealed (see the vault)."""

    name: str
    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Auth:
    """How a receiver authenticates us: none, basic, bearer, header. `password` and `token` are sealed."""

    type: str = "none"
    login: str = ""
    password: str = ""
    token: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Success:
    """What makes a 2xx answer a success beyond its status."""

    body_contains: str = ""
    body_not_contains: str = ""


@dataclass(frozen=True, slots=True)
class Postback:
    """An affiliate's stored rule and template.

    `goals` is "any", "base", "events" or a frozenset of goal IDs. `include` holds IDs of `level`
    (empty for the affiliate level). `retry_schedule` is in seconds, None for the installation's.
    `signing_secret` is sealed and empty unless `sign`. `delivery` is "s2s" or "html"; what an `html` one
    shows is its `body`, and only while a manager's approval of it stands.
    """

    id: str
    name: str
    affiliate_id: str | None
    enabled: bool
    event: Event
    goals: str | frozenset[str]
    statuses: frozenset[Status]
    status_mode: StatusMode
    level: Level
    include: frozenset[str]
    exclude_offers: frozenset[str]
    payout_above_zero: bool
    max_age_seconds: int | None
    delay_seconds: int
    method: Method
    url: str
    params: tuple[Pair, ...]
    headers: tuple[Pair, ...]
    body: str
    auth: Auth
    success: Success
    max_attempts: int | None
    retry_schedule: tuple[float, ...] | None
    strict_disable: bool
    sign: bool
    signing_secret: str
    health: HealthState
    created_at: datetime
    delivery: str = "s2s"
    html_approved: bool = False
