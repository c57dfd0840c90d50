"""How people and machines talk to a running Redound in the journeys: plain HTTP, one connection a thread."""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.journeys.process import Installation

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class NoAnswerError(Exception):
    """The server was not there, or went away before it had answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """Speaks to one address; with a key it is somebody for the API."""

    def __init__(self, base_url: str, key: str = "", timeout: float = 20) -> None:
        """Connect to nothing yet."""
        self.base_url, self.key, self.timeout = base_url, key, timeout
        self.installation: Installation | None = None
        self._local = threading.local()

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Make one request; NoAnswerError when the connection fails at any point."""
        for fresh in (False, True):
            kept = None if fresh else getattr(self._local, "connection", None)
            connection = kept or self._connect()
            try:
                connection.request(method, target, body, dict(headers or {}))
                answer = connection.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._local.connection = None
                if kept is not None and isinstance(error, http.client.RemoteDisconnected):
                    continue
                raise NoAnswerError(str(error)) from error
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, text)
        raise NoAnswerError

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=self.timeout)
        self._local.connection = connection
        return connection

    # The API

    def api(self, method: str, path: str, body: object = None) -> Reply:
        """Call `/api/v1/{path}`."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        payload = None
        if body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        return self.request(method, f"/api/v1/{path}", payload, headers)

    def make(self, noun: str, **fields: Any) -> dict[str, Any]:
        """Create one of `noun` and return it as the API shows it."""
        reply = self.api("POST", noun, fields)
        assert reply.status == 201, f"POST {noun}: {reply.status} {reply.body}"
        return reply.json

    def edit(self, path: str, **fields: Any) -> dict[str, Any]:
        """PATCH one thing and return it."""
        reply = self.api("PATCH", path, fields)
        assert reply.status == 200, f"PATCH {path}: {reply.status} {reply.body}"
        return reply.json

    def read(self, path: str) -> dict[str, Any]:
        """GET one thing, or one page of a list."""
        reply = self.api("GET", path)
        assert reply.status == 200, f"GET {path}: {reply.status} {reply.body}"
        return reply.json

    def every(self, noun: str, **filters: str) -> Iterator[dict[str, Any]]:
        """Go through a whole list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.read(f"{noun}?{urlencode({'limit': '200', **filters, **cursor})}")
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = {"cursor": page["next_cursor"]}

    # Traffic

    def click(self, code: str, **params: str) -> str:
        """Follow a tracking link as a visitor; return our click ID from the redirect."""
        reply = self.request("GET", f"/c/{code}?{urlencode(params)}", None, {"User-Agent": BROWSER})
        assert reply.status == 302, f"{reply.status} {reply.body}"
        return parse_qs(urlsplit(reply.headers["location"]).query)["click_id"][0]

    def report(self, **claim: str) -> Reply:
        """Report a conversion as an advertiser's server does."""
        return self.request("GET", f"/postback?{urlencode(claim)}", None, {"Accept": "application/json"})
