"""How often the pages that find out why ask the database: as often as is written down, and no more."""

from __future__ import annotations

from tests.console.incidents import open_incident
from tests.console.traffic import attempt, convert
from tests.portals.signed_in import alice, bob


def test_pages_that_find_out_why_keep_to_their_budgets(world, queries):
    """A trace with deliveries, the tester with everything chosen, and the others."""
    postback = world.make_postback(url="http://127.0.0.1:9000/ab/postback?subid={sub1}")["id"]
    conversion = convert(world)
    attempt(world.alice.get("deliveries").ids[0], status=404)
    caught = world.alice.make("bins", name="Mine")["id"]
    incident = open_incident(world, postback_id=postback, affiliate_id=world.alice_id)
    browser = alice(world)
    tester = f"/tester/?link={world.link}&q=TRACKER-1&postback={postback}&conversion={conversion}"
    for name, address in {
        "trace": f"/trace/?q={conversion}",
        "tester": tester,
        "lint": "/lint/?url=https%3A%2F%2Fx.example%2F%3Fcid%3D%7Bsub1%7D",
        "bins": "/bins/",
        "bin": f"/bins/{caught}/",
        "macros": "/macros/",
        "checklist": f"/postbacks/{postback}/checklist/",
        "incidents": "/incidents/",
        "incident": f"/incidents/{incident}/",
    }.items():
        assert queries(name, lambda address=address: browser.get(address)).status_code == 200
    manager = bob(world)
    managers = f"/manage/trace/?q={conversion}"
    assert queries("trace of managers", lambda: manager.get(managers)).status_code == 200
