"""What the journeys set up over the API: Acme's offer, and Alice with a link and postbacks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client

LANDING = "https://shop.example.com/welcome?click_id={click_id}"
QUERY = "?subid={sub1}&goal={goal}&status={status}&was={previous_status}&payout={payout}&tid={conversion_id}"
EVERY_STATUS = ["pending", "hold", "approved", "rejected", "refunded"]


@dataclass(slots=True)
class Scene:
    """One offer with three goals and one affiliate with a campaign and a link, all of them its own."""

    manager: Client
    advertiser: str
    brand: str
    offer: str
    goals: dict[str, str]
    affiliate: str
    campaign: str
    link: str
    code: str
    edges: tuple[Client, ...]

    def postback(self, url: str, **fields: Any) -> str:
        """Make a postback of this affiliate, on everything unless told otherwise; return its ID.

        A GET URL without a query gets one with the usual macros.
        """
        if "?" not in url and "method" not in fields:
            url += QUERY
        wanted = {
            "name": "Tracker",
            "affiliate_id": self.affiliate,
            "event": "conversion",
            "goals": "any",
            "statuses": EVERY_STATUS,
            "url": url,
        }
        postback = self.manager.make("postbacks", **(wanted | fields))["id"]
        self.settle()
        return str(postback)

    def settle(self) -> None:
        """Wait until the edge knows every change so far: versions commit in order, a new link is last."""
        code = self.manager.make("links", name="Mark", campaign_id=self.campaign, offer_id=self.offer)["code"]
        for edge in self.edges:
            ask = partial(edge.request, "HEAD", f"/c/{code}")
            eventually(lambda ask=ask: ask().status == 302, 5, what="the edge is up to date")


def make_scene(manager: Client, name: str = "Alice", edges: tuple[Client, ...] = ()) -> Scene:
    """Set a scene up. Goals: registration (base, 12.00), deposit (25 %), upgrade (custom, 5.00)."""
    advertiser = manager.make("advertisers", name="Acme")["id"]
    brand = manager.make("brands", name="Acme Play", advertiser_id=advertiser)["id"]
    fields = {"name": "Play", "brand_id": brand, "landing_url": LANDING, "currency": "EUR"}
    offer_id = manager.make("offers", **fields)["id"]
    goals = {
        code: manager.make("goals", offer_id=offer_id, code=code, name=code.capitalize(), **rest)["id"]
        for code, rest in _GOALS.items()
    }
    affiliate = manager.make("affiliates", name=name)["id"]
    campaign = manager.make("campaigns", name="Autumn", affiliate_id=affiliate)["id"]
    link = manager.make("links", name="Banner", campaign_id=campaign, offer_id=offer_id)
    own = (link["id"], link["code"], edges or (manager,))
    scene = Scene(manager, advertiser, brand, offer_id, goals, affiliate, campaign, *own)
    scene.settle()
    return scene


_GOALS: dict[str, dict[str, Any]] = {
    "registration": {"kind": "registration", "base": True, "payout": "12.00", "default_status": "approved"},
    "deposit": {"kind": "deposit", "base": False, "payout_percent": "25", "default_status": "pending"},
    "upgrade": {"kind": "custom", "base": False, "payout": "5.00", "default_status": "approved"},
}
