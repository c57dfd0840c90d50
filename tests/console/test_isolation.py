"""Every route for everybody: what Alice may, what Charlie must not learn, and what nobody gets at all.

The routes come from the API's own document; one that is missing in the table below fails. The statuses are
those of Alice for her own things, Charlie for Alice's, and Bob for Alice's.
"""

from __future__ import annotations

import pytest

from tests.console.imports import running_import
from tests.console.incidents import open_incident
from tests.console.people import TRACKER
from tests.console.players import a_fact, players_of
from tests.console.traffic import attempt, convert, disable

OPEN = (200, 200, 200)
OWN = (200, 404, 200)
MANAGERS = (403, 403, 200)
MAKES = (201, 201, 201)
MANAGERS_MAKE = (403, 403, 201)

EXPECTED = {
    "GET /advertisers": MANAGERS,
    "POST /advertisers": MANAGERS_MAKE,
    "GET /advertisers/presets": MANAGERS,
    "GET /advertisers/{id}": MANAGERS,
    "PATCH /advertisers/{id}": MANAGERS,
    "GET /brands": OPEN,
    "POST /brands": MANAGERS_MAKE,
    "GET /brands/{id}": OPEN,
    "PATCH /brands/{id}": MANAGERS,
    "GET /offers": OPEN,
    "POST /offers": MANAGERS_MAKE,
    "GET /offers/{id}": OPEN,
    "PATCH /offers/{id}": MANAGERS,
    "GET /goals": OPEN,
    "POST /goals": MANAGERS_MAKE,
    "GET /goals/{id}": OPEN,
    "PATCH /goals/{id}": MANAGERS,
    "GET /affiliates": OPEN,
    "POST /affiliates": MANAGERS_MAKE,
    "GET /affiliates/{id}": OWN,
    "PATCH /affiliates/{id}": MANAGERS,
    "GET /campaigns": OPEN,
    "POST /campaigns": (201, 422, 201),
    "GET /campaigns/{id}": OWN,
    "PATCH /campaigns/{id}": OWN,
    "GET /links": OPEN,
    "POST /links": (201, 422, 201),
    "GET /links/{id}": OWN,
    "PATCH /links/{id}": OWN,
    "GET /postbacks": OPEN,
    "POST /postbacks": (201, 422, 201),
    "GET /postbacks/{id}": OWN,
    "PATCH /postbacks/{id}": OWN,
    "DELETE /postbacks/{id}": (204, 404, 204),
    "POST /postbacks/{id}/enable": OWN,
    "POST /postbacks/{id}/test": (503, 404, 503),
    "POST /postbacks/preview": OPEN,
    "POST /postbacks/{id}/preview": OWN,
    "GET /postbacks/{id}/backfill": OWN,
    "GET /postbacks/{id}/checklist": OWN,
    "POST /postbacks/{id}/backfill": OWN,
    "POST /postbacks/{id}/approve-html": (403, 403, 409),
    "GET /clicks": OPEN,
    "GET /clicks/{id}": OWN,
    "POST /clicks/{id}/test-conversion": (201, 404, 201),
    "GET /bins": OPEN,
    "POST /bins": (201, 422, 201),
    "GET /bins/{id}": OWN,
    "PATCH /bins/{id}": OWN,
    "DELETE /bins/{id}": (204, 404, 204),
    "GET /bins/{id}/requests": OWN,
    "GET /reports": OPEN,
    "POST /reports": MANAGERS,
    "POST /reports/judge": MANAGERS,
    "GET /reports/{id}": OWN,
    "POST /reports/{id}/judge": (403, 403, 409),
    "POST /reports/{id}/match": (403, 403, 409),
    "GET /conversions": OPEN,
    "POST /conversions": (403, 403, 422),
    "GET /conversions/{id}": OWN,
    "GET /conversions/{id}/evaluations": OWN,
    "POST /conversions/{id}/status": MANAGERS,
    "POST /conversions/{id}/undo": (403, 403, 409),
    "POST /conversions/status": MANAGERS,
    "GET /deliveries": OPEN,
    "GET /deliveries/{id}": OWN,
    "POST /deliveries/{id}/retry": OWN,
    "POST /deliveries/{id}/cancel": (409, 404, 409),
    "POST /deliveries/retry": MANAGERS,
    "GET /deliveries/retry/{id}": (403, 403, 404),
    "POST /deliveries/retry/{id}/stop": (403, 403, 404),
    "GET /attempts": OPEN,
    "GET /attempts/{id}": OWN,
    "GET /incidents": OPEN,
    "GET /incidents/{id}": OWN,
    "GET /notifications": OPEN,
    "GET /notifications/{id}": (200, 404, 404),
    "POST /notifications/{id}/read": (200, 404, 404),
    "POST /notifications/read": (204, 404, 404),
    # A key of an affiliate belongs to no person; Bob's does.
    "GET /notification-channels": MANAGERS,
    "POST /notification-channels": MANAGERS_MAKE,
    "GET /notification-channels/{id}": MANAGERS,
    "PATCH /notification-channels/{id}": MANAGERS,
    "DELETE /notification-channels/{id}": (403, 403, 204),
    "POST /notification-channels/{id}/test": (403, 403, 202),
    "GET /notification-preferences": MANAGERS,
    "PATCH /notification-preferences": MANAGERS,
    "GET /reward-plans": OPEN,
    "POST /reward-plans": MANAGERS_MAKE,
    "GET /reward-plans/{id}": OWN,
    "PATCH /reward-plans/{id}": MANAGERS,
    "GET /players": OPEN,
    "GET /players/{id}": OWN,
    "GET /players/{id}/facts": (403, 404, 200),
    "GET /activity": MANAGERS,
    "GET /activity/{id}": MANAGERS,
    "POST /activity": MANAGERS,
    "GET /audit": MANAGERS,
    "GET /audit/{id}": MANAGERS,
    "GET /imports": MANAGERS,
    "POST /imports": (403, 403, 422),
    "GET /imports/{id}": MANAGERS,
    "GET /imports/{id}/rows": MANAGERS,
    "POST /imports/{id}/run": (403, 403, 409),
    "GET /api-keys": OPEN,
    "POST /api-keys": (201, 422, 201),
    "GET /api-keys/{id}": OWN,
    "DELETE /api-keys/{id}": (204, 404, 204),
}

OPEN_TO_ALL = (
    *("GET /lint", "POST /lint", "GET /parse", "POST /parse", "GET /translate", "POST /translate"),
    *("GET /trace", "GET /preview", "POST /preview"),
    *("GET /statistics", "GET /statistics/deliveries"),
    *(
        "GET /gallery",
        "POST /gallery",
        "GET /gallery/{id}",
        "PATCH /gallery/{id}",
        "DELETE /gallery/{id}",
        "POST /gallery/{id}/urls",
    ),
)
"""Routes for anybody with a key. What they tell is shown in `test_diagnostics`, `test_gallery`,
`test_statistics` and `tests/trace`."""


def routes() -> list[str]:
    """Return "METHOD /path" of every route, from the API's document."""
    from redound.console.api.app import openapi

    paths = openapi()["paths"]
    return [
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    ]


def test_the_table_has_every_route():
    """A new route has to say who may use it."""
    assert sorted(routes()) == sorted([*EXPECTED, *OPEN_TO_ALL])


@pytest.fixture
def rows(world) -> dict[str, str]:
    """One thing of Alice's of each noun, by noun."""
    postback = world.make_postback()["id"]
    conversion = convert(world)
    from redound.console.traffic.models import Conversion, Report

    (delivery,) = world.alice.get("deliveries").ids
    tried = attempt(delivery, status=500)
    disable(postback)
    return {
        "advertisers": world.acme,
        "brands": world.brand,
        "offers": world.offer,
        "goals": world.goal,
        "affiliates": world.alice_id,
        "campaigns": world.campaign,
        "links": world.link,
        "postbacks": postback,
        "clicks": Conversion.objects.get(pk=conversion).click_id,
        "reports": Report.objects.get().id,
        "conversions": conversion,
        "deliveries": delivery,
        "attempts": tried,
        "notifications": world.alice.get("notifications").ids[0],
        "notification-channels": world.bob.make("notification-channels", kind="webhook", url=TRACKER)["id"],
        "notification-preferences": "of a person",
        "api-keys": world.alice.make("api-keys", name="hers")["id"],
        "bins": world.alice.make("bins", name="hers")["id"],
        "incidents": open_incident(world, postback_id=postback, affiliate_id=world.alice_id),
        "imports": running_import(),
        "audit": world.bob.get("audit").ids[0],
        **players_of(world),
    }


def body_for(world, route: str) -> dict | None:
    """Return a body that works, naming Alice's things."""
    return {
        "POST /advertisers": {"name": "x"},
        "POST /brands": {"name": "x", "advertiser_id": world.acme},
        "POST /offers": {"name": "x", "brand_id": world.brand, "landing_url": "https://shop.example.com/"},
        "POST /goals": {"offer_id": world.offer, "code": "x"},
        "POST /affiliates": {"name": "x"},
        "POST /campaigns": {"name": "x", "affiliate_id": world.alice_id},
        "POST /links": {"campaign_id": world.campaign, "offer_id": world.offer},
        "POST /postbacks": {"name": "x", "url": TRACKER, "affiliate_id": world.alice_id},
        "POST /postbacks/preview": {"postback": {"url": TRACKER}},
        "POST /reports": {"click_id": "x"},
        "POST /reports/judge": {},
        "POST /reports/{id}/match": {"click_id": "x"},
        "POST /conversions": {"click_id": "x"},
        "POST /conversions/{id}/status": {"status": "rejected"},
        "POST /postbacks/{id}/backfill": {"filter": {}},
        "POST /bins": {"affiliate_id": world.alice_id},
        "POST /notifications/read": {"until": next(iter(world.alice.get("notifications").ids), "")},
        "POST /notification-channels": {"kind": "webhook", "url": TRACKER},
        "PATCH /notification-preferences": {"digest": "hourly"},
        "POST /conversions/status": {"filter": {"affiliate_id": world.alice_id}, "status": "rejected"},
        "POST /reward-plans": {"name": "x", "offer_id": world.offer, "amount": "5.00", "deposits": "9.00"},
        "POST /activity": a_fact(world, external_id="x"),
        "POST /api-keys": {"name": "x", "affiliate_id": world.alice_id},
        "POST /imports/{id}/run": {},
        "PATCH /links/{id}": {"name": "renamed"},
    }.get(route, {"name": "renamed"} if route.startswith("PATCH") else None)


def ask(world, person, route: str, rows):
    """Send the route's request about Alice's thing."""
    method, path = route.split(" /")
    return person.ask(method, path.format(id=rows[path.split("/")[0]]), body_for(world, route))


def everything() -> dict[str, list[tuple]]:
    """Return all rows of all tables that the API can change."""
    from redound.console.accounts.models import ApiKey, AuditEntry
    from redound.console.catalog import models as catalog
    from redound.console.postbacks.models import Postback
    from redound.console.traffic import models as traffic

    kinds = [
        *(
            catalog.Advertiser,
            catalog.Brand,
            catalog.Offer,
            catalog.Goal,
            catalog.Affiliate,
            catalog.Campaign,
        ),
        *(catalog.Link, Postback, AuditEntry, traffic.Conversion, traffic.Transition, traffic.Delivery),
        *(traffic.Due, traffic.Notification, traffic.PostbackHealth),
    ]
    found = {kind.__name__: list(kind.objects.order_by("pk").values_list()) for kind in kinds}
    found["ApiKey"] = list(ApiKey.objects.order_by("pk").values_list("pk", "revoked_at"))
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("route", EXPECTED)
def test_who_may_what(world, rows, route):
    """Nobody, Charlie, Alice, Bob, in this order: a refusal changes nothing, and names nothing of Alice's."""
    alice, charlie, bob = EXPECTED[route]
    before = everything()
    assert ask(world, world.nobody, route, rows).status == 401
    by_charlie = ask(world, world.charlie, route, rows)
    assert by_charlie.status == charlie, by_charlie.json
    if charlie >= 400 or route.startswith("GET"):
        assert everything() == before
    if charlie == 200 and rows[route.split("/")[1]] not in (world.brand, world.offer, world.goal):
        hers = [rows[noun] for noun in rows if noun not in ("advertisers", "brands", "offers", "goals")]
        assert not [row_id for row_id in hers if row_id in str(by_charlie.json)]
    if charlie in (403, 404):
        assert rows[route.split("/")[1]] not in str(by_charlie.json).replace(world.charlie_id, "")
    by_alice = ask(world, world.alice, route, rows)
    assert by_alice.status == alice, by_alice.json
    if alice == 403:
        assert everything() == before
    if route.startswith(("DELETE", "POST /deliveries", "POST /goals", "POST /notifications")) and alice < 300:
        return
    by_bob = ask(world, world.bob, route, rows)
    assert by_bob.status == bob, by_bob.json


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("route", [route for route in EXPECTED if not route.startswith("GET")])
def test_a_key_that_reads_changes_nothing(world, rows, route):
    """Bob's read-only key, on every route that writes."""
    from tests.console.people import Person

    reader = Person("reader", world.bob.make("api-keys", name="r", scopes=["read"])["key"])
    before = everything()
    answer = ask(world, reader, route, rows)
    assert (answer.status, answer.code) == (403, "scope_missing")
    assert everything() == before


@pytest.mark.parametrize(
    "noun", ["postbacks", "clicks", "conversions", "deliveries", "attempts", "incidents", "notifications"]
)
def test_a_filter_shows_nothing_of_others(world, rows, noun):
    """Charlie asks for Alice's by every name that leads to them."""
    for query in (f"affiliate_id={world.alice_id}", f"q={rows[noun]}", f"cursor={'a' * 8}"):
        answer = world.charlie.get(f"{noun}?{query}")
        assert answer.status == 422 or answer.ids == []


def test_alice_never_sees_what_the_network_earns(world, rows):
    """Not in goals, offers or conversions, in lists or alone."""
    for path in (
        "goals",
        f"goals/{world.goal}",
        "offers",
        "conversions",
        f"conversions/{rows['conversions']}",
    ):
        assert "20.00" not in str(world.alice.see(path))
        assert world.acme not in str(world.alice.see(path))
    private = world.make_goal(code="secret", private=True)
    assert private not in world.alice.get("goals").ids
    assert world.alice.get(f"goals/{private}").status == 404
