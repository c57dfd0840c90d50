"""The people who use the API in tests, and the world they find."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

LANDING = "https://shop.example.com/welcome?click_id={click_id}"
TRACKER = "http://127.0.0.1:9000/postback?cid={sub1}"


@dataclass(slots=True)
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    json: Any

    @property
    def code(self) -> str:
        """The problem's code."""
        return self.json["code"]

    @property
    def pointers(self) -> list[str]:
        """The places that the problem names."""
        return [error.get("pointer", error.get("parameter")) for error in self.json["errors"]]

    @property
    def ids(self) -> list[str]:
        """The IDs of a page."""
        return [row["id"] for row in self.json["data"]]


@cache
def handler() -> Any:
    """The console's middleware, loaded once: every new client would look for all static files again."""
    from django.test.client import ClientHandler

    return ClientHandler()


@dataclass(slots=True)
class Person:
    """Somebody with an API key; without one they are nobody."""

    name: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request to the API."""
        from django.test import Client

        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        data = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        client = Client(raise_request_exception=False, SERVER_NAME="console.test")
        client.handler = handler()
        response = client.generic(
            method, f"/api/v1/{path}", data, content_type="application/json", headers=sent
        )
        kind = response.headers.get("Content-Type", "")
        found = json.loads(response.content) if response.content and "json" in kind else None
        return Answer(response.status_code, dict(response.headers), found)

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST."""
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        """PATCH."""
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        """DELETE."""
        return self.ask("DELETE", path, **headers)

    def make(self, noun: str, **fields: Any) -> dict[str, Any]:
        """Create something that must work; return it."""
        answer = self.post(noun, fields)
        assert answer.status == 201, answer.json
        return answer.json

    def see(self, path: str) -> dict[str, Any]:
        """Read something that must be there."""
        answer = self.get(path)
        assert answer.status == 200, answer.json
        return answer.json


class World:
    """Acme's offer with a base goal; Alice with a campaign and a link, Charlie too; Bob manages both."""

    def __init__(self, bus: Any) -> None:
        from redound.console.accounts.keys import issue_key
        from redound.console.accounts.models import User

        self.bus = bus
        self.nobody = Person("nobody")
        self.bob_user = User.objects.create_user("bob@example.com", name="Bob", role="manager")
        self.bob = Person("Bob", issue_key("Bob's", user=self.bob_user)[1])
        bob = self.bob
        self.acme = bob.make("advertisers", name="Acme")["id"]
        self.brand = bob.make("brands", name="Acme Play", advertiser_id=self.acme)["id"]
        self.offer = self.make_offer()
        self.goal = self.make_goal(code="sale", base=True, payout="12.00", revenue="20.00")
        self.alice_id, self.alice, self.campaign, self.link = self._affiliate("Alice")
        self.charlie_id, self.charlie, self.charlies_campaign, self.charlies_link = self._affiliate("Charlie")

    def _affiliate(self, name: str) -> tuple[str, Person, str, str]:
        affiliate_id = self.bob.make("affiliates", name=name)["id"]
        person = Person(name, self.bob.make("api-keys", name=f"{name}'s", affiliate_id=affiliate_id)["key"])
        campaign = self.bob.make("campaigns", name="Autumn", affiliate_id=affiliate_id)["id"]
        link = self.bob.make("links", campaign_id=campaign, offer_id=self.offer)["id"]
        return affiliate_id, person, campaign, link

    def make_offer(self, **fields: Any) -> str:
        """Return a new offer of Acme Play."""
        wanted = {"name": "Shoes", "brand_id": self.brand, "landing_url": LANDING, "currency": "EUR"}
        return self.bob.make("offers", **(wanted | fields))["id"]

    def make_goal(self, **fields: Any) -> str:
        """Return a new goal of the offer."""
        return self.bob.make("goals", **({"offer_id": self.offer, "name": "Sale"} | fields))["id"]

    def make_postback(self, **fields: Any) -> dict[str, Any]:
        """Return a new postback of Alice's."""
        return self.alice.make("postbacks", **({"name": "Tracker", "url": TRACKER} | fields))
