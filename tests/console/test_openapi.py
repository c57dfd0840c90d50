"""The API's document: OpenAPI 3.1, committed, served, and shown without anything from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_that_of_the_code():
    """`redound openapi > docs/openapi.json` brings it up to date; the diff is part of the change."""
    from redound.console.api.app import openapi

    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == openapi()


def test_the_served_document_is_the_same_and_needs_no_key(world):
    """Whoever writes a client can read it."""
    from redound.console.api.app import openapi

    answer = world.nobody.get("openapi.json")
    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")
    assert answer.json == openapi()


def test_every_route_says_how_it_fails_and_what_it_is_called():
    """A problem document for each, and a name of its own."""
    from redound.console.api.app import openapi

    operations = [each for path in openapi()["paths"].values() for each in path.values()]
    assert all("application/problem+json" in each["responses"]["default"]["content"] for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)


def test_an_edits_fields_are_all_optional_and_without_defaults():
    """What is left out stays, so a default would mislead."""
    from redound.console.api.app import openapi

    edit = openapi()["components"]["schemas"]["PostbackEdit"]
    assert "required" not in edit
    assert not [name for name, field in edit["properties"].items() if "default" in field]


def test_the_pages_that_show_it_load_nothing_from_elsewhere(bus):
    """Swagger UI is served by us; the content security policy would refuse anything else."""
    from django.test import Client

    client = Client(SERVER_NAME="console.test")
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert all(source.startswith("/static/") for source in sources)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for source in sources:
        assert client.get(source).status_code == 200
