"""Bodies of the catalogue: what a new advertiser, brand, offer … consists of, and what an edit may say."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from redound.console.forms import Count, Edit, Flag, Form, Id, Name, Seconds, Text, Word

StatusWord = Literal["pending", "hold", "approved", "rejected", "refunded"]
OnOff = Literal["active", "paused"]
Kind = Literal["registration", "first_deposit", "qualified_cpa", "sale", "lead", "deposit", "custom"]
Amount = Annotated[str, StringConstraints(max_length=40)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


PathKey = Annotated[str, StringConstraints(min_length=16, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
SigningSecret = Annotated[str, StringConstraints(min_length=16, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Preset = Literal[
    "trackdesk", "everflow", "tune", "affise", "trackier", "cake", "swaarm", "impact", "katalys", "referon"
]
Cap = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
CapPeriod = Literal["day", "total"]
Repeats = Literal["update", "ignore", "new_txid", "always_new", "add_amount"]
SuccessCode = Literal[200, 201, 202, 204]
FailureCode = Annotated[int, Field(ge=200, le=499, strict=True)]
Parameter = Literal[
    "click_id",
    "goal",
    "status",
    "amount",
    "currency",
    "txid",
    "customer_id",
    "return",
    "adv_sub1",
    "adv_sub2",
    "adv_sub3",
    "adv_sub4",
    "adv_sub5",
    "adv_sub6",
    "adv_sub7",
    "adv_sub8",
    "adv_sub9",
    "adv_sub10",
]
Answer = Annotated[str, StringConstraints(max_length=1024)]


class KeptToken(Form):
    """A token as it is read back: null keeps the one that stands at this place."""

    value: Token | None = None
    has_value: bool | None = None


class KeptPathKey(KeptToken):
    """A path key as it is read back."""

    value: PathKey | None = None


class KeptSecret(KeptToken):
    """A signing secret as it is read back."""

    value: SigningSecret | None = None


class AdvertiserNew(Form):
    """Who reports conversions, and how.

    Tokens, path keys and signing secrets are never read back; two of each may be valid while one replaces the
    other. `parameter_names` leads from the advertiser's names to ours, null for one that is not to be read.
    """

    name: Name
    tokens: Annotated[list[Token | KeptToken], Field(max_length=2)] = Field(default_factory=list)
    allowed_ips: Annotated[list[Word], Field(max_length=200)] = Field(default_factory=list)
    status_words: dict[Word, StatusWord] = Field(default_factory=dict)
    path_keys: Annotated[list[PathKey | KeptPathKey], Field(max_length=2)] = Field(default_factory=list)
    signing_secrets: Annotated[list[SigningSecret | KeptSecret], Field(max_length=2)] = Field(
        default_factory=list
    )
    preset: Preset | None = None
    parameter_names: dict[Word, Parameter | None] = Field(default_factory=dict)
    default_status: StatusWord | None = None
    repeats: Repeats = "update"
    answer: Answer = ""
    success_code: SuccessCode | None = None
    failure_code: FailureCode | None = None


class AdvertiserEdit(Edit, AdvertiserNew):
    """Changes of an advertiser."""

    name: Name = ""


class BrandNew(Form):
    """A brand of an advertiser."""

    name: Name
    advertiser_id: Id


class BrandEdit(Edit, BrandNew):
    """Changes of a brand."""

    name: Name = ""
    advertiser_id: Id = ""


class OfferNew(Form):
    """What is promoted. `landing_url` may hold macros; `cpc_payout` is a decimal string in `currency`."""

    name: Name
    brand_id: Id
    landing_url: Text
    currency: Annotated[str, StringConstraints(min_length=3, max_length=3)] = "EUR"
    payout_model: Literal["cpa", "cpc"] = "cpa"
    goals_enabled: Flag = True
    status: OnOff = "active"
    conversion_window_days: Annotated[int, Field(ge=1, le=3650, strict=True)] | None = None
    deep_link_hosts: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    cpc_payout: Amount | None = None
    cap_conversions: Cap | None = None
    cap_period: CapPeriod = "day"


class OfferEdit(Edit, OfferNew):
    """Changes of an offer."""

    name: Name = ""
    brand_id: Id = ""
    landing_url: Text = ""


class GoalNew(Form):
    """What can be reached at an offer: `payout` or `payout_percent`, `revenue` or `revenue_percent`."""

    offer_id: Id
    code: Word
    name: Name | None = None
    kind: Kind = "custom"
    base: Flag = False
    payout: Amount | None = None
    payout_percent: Amount | None = None
    revenue: Amount | None = None
    revenue_percent: Amount | None = None
    default_status: StatusWord = "approved"
    repeats: Literal["once", "unlimited"] | Count = "once"
    hold_seconds: Seconds | None = None
    hold_then: StatusWord | None = None
    private: Flag = False


class GoalEdit(Edit, GoalNew):
    """Changes of a goal; it stays with its offer."""

    offer_id: Id = ""
    code: Word = ""


class AffiliateNew(Form):
    """Who sends traffic. `manager_id` is the user who looks after them."""

    name: Name
    status: OnOff = "active"
    manager_id: str | None = None
    postbacks_enabled: Flag = True
    precedence: Literal["all", "most_specific"] = "all"
    cap_conversions: Cap | None = None
    cap_period: CapPeriod = "day"


class AffiliateEdit(Edit, AffiliateNew):
    """Changes of an affiliate."""

    name: Name = ""


class CampaignNew(Form):
    """A media campaign. An affiliate's own key need not name the affiliate."""

    name: Name
    affiliate_id: Id | None = None


class CampaignEdit(Edit, CampaignNew):
    """Changes of a campaign; it stays with its affiliate."""

    name: Name = ""


class LinkNew(Form):
    """A tracking link of a campaign for an offer."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    campaign_id: Id
    offer_id: Id
    active: Flag = True


class LinkEdit(Edit, LinkNew):
    """Changes of a link; it stays with its affiliate."""

    campaign_id: Id = ""
    offer_id: Id = ""
