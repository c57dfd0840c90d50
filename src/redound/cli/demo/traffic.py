"""The demo's visitors and its advertiser: clicks over HTTP, then reports over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from redound.cli.demo.web import Answer, fetch
from redound.cli.demo.world import REPORT_TOKEN

if TYPE_CHECKING:
    from redound.cli.demo.tracker import Tracker
    from redound.cli.demo.web import Request

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@dataclass(frozen=True, slots=True)
class Result:
    """A conversion that the advertiser reported and Redound accepted."""

    click_id: str
    conversion_id: str
    verdict: str


@dataclass(slots=True)
class Shop:
    """The advertiser: shows a landing page, remembers click IDs, reports what visitors did."""

    report_url: str
    visits: list[str] = field(default_factory=list)
    results: dict[str, Result] = field(default_factory=dict)
    trouble: str = ""

    async def handle(self, request: Request) -> Answer:
        """Answer the landing page, and keep the click ID that came with the visitor."""
        self.visits.append(request.fields.get("click_id", ""))
        return Answer(200, "Welcome to Northwind.")

    async def report(self, click_id: str, **claim: str) -> Result | None:
        """Report a conversion as an advertiser's server does; None (and `trouble`) when refused."""
        query = urlencode({"click_id": click_id, "token": REPORT_TOKEN, **claim})
        answer = await fetch("GET", f"{self.report_url}?{query}", None, {"accept": "application/json"})
        body = answer.json()
        verdict = answer.headers.get("x-redound-verdict", "")
        if answer.status != HTTPStatus.OK:
            self.trouble = f"the report was answered {answer.status} {verdict}: {answer.body[:300]}"
            return None
        result = Result(click_id, str(body.get("conversion_id", "")), verdict)
        self.results[result.conversion_id] = result
        return result


@dataclass(slots=True)
class Visitors:
    """People who follow tracking links."""

    tracker: Tracker
    clicks: int = 0
    trouble: str = ""

    async def follow(self, link: str) -> str:
        """Follow a link to the landing page; return the click ID that arrived there, or "" with `trouble`."""
        self.clicks += 1
        query = urlencode({"sub1": self.tracker.issue(), "sub2": "banner-7", "source": "newsletter"})
        agent = {"user-agent": f"{BROWSER} Visitor/{self.clicks}"}
        answer = await fetch("GET", f"{link}?{query}", None, agent)
        location = answer.headers.get("location", "")
        if answer.status != HTTPStatus.FOUND or not location:
            self.trouble = f"the click was answered {answer.status}: {answer.body[:300]}"
            return ""
        await fetch("GET", location, None, agent)
        return parse_qs(urlsplit(location).query).get("click_id", [""])[0]
