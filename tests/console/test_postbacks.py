"""Postbacks over the API: their defaults, their rules, their secrets, and switching them off and on."""

from __future__ import annotations

import pytest

from tests.console.people import TRACKER
from tests.console.traffic import attempt, convert, disable

NONE = "0" * 28


def refused(world, person=None, **fields) -> list[str]:
    """Return the places that the refusal of a postback of Alice's names."""
    answer = (person or world.alice).post("postbacks", {"name": "Tracker", "url": TRACKER} | fields)
    assert answer.status == 422, answer.json
    return answer.pointers


def test_a_name_and_a_url_are_enough(world):
    """Alice's first postback fires for every approved conversion of hers."""
    made = world.make_postback()
    expected = {
        "affiliate_id": world.alice_id, "enabled": True, "event": "conversion", "goals": "any",
        "statuses": ["approved"], "status_mode": "each", "level": "affiliate", "include": [],
        "method": "GET", "delivery": "s2s", "state": "active", "failed_attempts": 0, "disabled_at": None,
    }  # fmt: skip
    assert {name: made[name] for name in expected} == expected
    assert "error" not in {each["severity"] for each in made.pop("findings")}
    assert world.alice.see(f"postbacks/{made['id']}") == made


def test_everything_that_can_be_set_reads_back(world):
    """Nothing is lost or renamed on the way."""
    fields = {
        "name": "All", "affiliate_id": world.alice_id, "enabled": False, "event": "conversion",
        "goals": [world.goal], "statuses": ["approved", "rejected"], "status_mode": "all", "level": "offer",
        "include": [world.offer], "exclude_offers": [], "payout_above_zero": True, "max_age_seconds": 3600,
        "delay_seconds": 60, "method": "POST_JSON", "url": "http://127.0.0.1/in", "params": [],
        "body": '{"cid": "{sub1}"}', "success": {"body_contains": "ok", "body_not_contains": None},
        "max_attempts": 5, "retry_schedule": ["10s", "1m"], "strict_disable": True, "sign": False,
    }  # fmt: skip
    made = world.bob.make("postbacks", **fields)
    assert {name: made[name] for name in fields} == fields
    assert made["state"] == "paused"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": "http://127.0.0.1/?a={clickid}"}, "/url"),
        ({"url": "http://127.0.0.1/?a={sub99}"}, "/url"),
        ({"url": "http://{sub1}/"}, "/url"),
        ({"url": "http://user@127.0.0.1/"}, "/url"),
        ({"url": "gopher://127.0.0.1/"}, "/url"),
        ({"url": "http://10.0.0.1/"}, "/url"),
        ({"url": "http://169.254.169.254/latest"}, "/url"),
        ({"url": ""}, "/url"),
        ({"headers": [{"name": "Host", "value": "x"}]}, "/headers/0/name"),
        ({"headers": [{"name": "X", "value": "a\r\nb"}]}, "/headers/0/value"),
        ({"params": [{"name": "p", "value": "{nope}"}]}, "/params/0/value"),
        ({"statuses": []}, "/statuses"),
        ({"statuses": ["won"]}, "/statuses/0"),
        ({"delay_seconds": 86401}, "/delay_seconds"),
        ({"delay_seconds": -1}, "/delay_seconds"),
        ({"max_attempts": 0}, "/max_attempts"),
        ({"retry_schedule": ["soon"]}, "/retry_schedule/0"),
        ({"retry_schedule": []}, "/retry_schedule"),
        ({"level": "offer"}, "/include"),
        ({"level": "affiliate", "include": [f"ofr_{NONE}"]}, "/include"),
        ({"level": "offer", "include": [f"ofr_{NONE}"]}, "/include/0"),
        ({"exclude_offers": [f"ofr_{NONE}"]}, "/exclude_offers/0"),
        ({"goals": [f"gol_{NONE}"]}, "/goals/0"),
        ({"goals": []}, "/goals"),
        ({"auth": {"type": "bearer"}}, "/auth/token"),
        ({"auth": {"type": "digest"}}, "/auth/type"),
        ({"body": "x"}, "/body"),
        ({"delivery": "pigeon"}, "/delivery"),
        ({"affiliate_id": None}, "/affiliate_id"),
        ({"affiliate_id": f"aff_{NONE}"}, "/affiliate_id"),
    ],
)
def test_what_cannot_work_is_refused_at_its_place(world, fields, pointer):
    """The answer names the field, and nothing was stored."""
    assert pointer in refused(world, **fields)
    assert world.alice.see("postbacks")["data"] == []


def test_an_unknown_macro_comes_with_a_suggestion(world):
    """Alice mistyped it."""
    answer = world.alice.post("postbacks", {"name": "x", "url": "http://127.0.0.1/?p={payuot}"})
    assert "payout" in answer.json["errors"][0]["detail"]


def test_an_affiliates_postback_cannot_send_revenue(world):
    """What the network earns is none of Alice's business."""
    assert refused(world, url="http://127.0.0.1/?r={revenue}") == ["/url"]


def test_alice_names_only_what_is_hers(world):
    """Charlie's campaign and link do not exist for her, and not for a postback of hers by Bob either."""
    assert refused(world, level="campaign", include=[world.charlies_campaign]) == ["/include/0"]
    assert refused(world, level="link", include=[world.charlies_link]) == ["/include/0"]
    by_bob = {"affiliate_id": world.alice_id, "level": "link", "include": [world.charlies_link]}
    assert refused(world, world.bob, **by_bob) == ["/include/0"]
    assert world.make_postback(level="link", include=[world.link])["include"] == [world.link]


def test_a_private_goal_does_not_exist_for_alice(world):
    """Bob may use it."""
    private = world.make_goal(code="secret", private=True)
    assert refused(world, goals=[private]) == ["/goals/0"]
    world.bob.make("postbacks", name="x", url=TRACKER, affiliate_id=world.alice_id, goals=[private])


def test_a_goal_belongs_to_the_offers_named(world):
    """A goal of another offer would never come."""
    other = world.make_offer()
    assert refused(world, level="offer", include=[other], goals=[world.goal]) == ["/goals/0"]


def test_a_postback_without_affiliate_is_a_managers_and_of_offers_or_brands(world):
    """It fires for every affiliate."""
    assert refused(world, world.bob) == ["/affiliate_id"]
    made = world.bob.make("postbacks", name="All", url=TRACKER, level="brand", include=[world.brand])
    assert made["affiliate_id"] is None
    assert world.alice.get(f"postbacks/{made['id']}").status == 404


def test_a_click_postback_is_for_cpc_offers(world):
    """Everflow: an offer that pays for conversions has none."""
    assert refused(world, event="click", level="offer", include=[world.offer]) == ["/event"]
    assert refused(world, event="click") == ["/event"]
    clicks = world.make_offer(payout_model="cpc", cpc_payout="0.10")
    made = world.make_postback(event="click", level="offer", include=[clicks])
    assert made["event"] == "click"


def test_a_click_postback_cannot_move_to_another_kind_of_offer(world):
    """The rule holds for edits, whichever of its fields they change."""
    clicks = world.make_offer(payout_model="cpc")
    made = world.make_postback(event="click", level="offer", include=[clicks])
    answer = world.alice.patch(f"postbacks/{made['id']}", {"include": [world.offer]})
    assert (answer.status, answer.pointers) == (422, ["/event"])


SECRETS = {
    "headers": [{"name": "X-Key", "value": "header-secret", "secret": True}],
    "params": [{"name": "k", "value": "param-secret", "secret": True}, {"name": "cid", "value": "{sub1}"}],
    "auth": {"type": "basic", "login": "alice", "password": "basic-secret"},
}


def stored(postback_id):
    """Return the stored row."""
    from redound.console.postbacks.models import Postback

    return Postback.objects.get(pk=postback_id)


def test_secrets_are_sealed_and_never_read_back(world):
    """Neither the answer nor the database has them in the clear, but they open where a request is built."""
    from redound.console import sealing

    made = world.make_postback(**SECRETS)
    assert made["headers"] == [{"name": "X-Key", "value": None, "secret": True, "has_value": True}]
    assert made["auth"] == {
        "type": "basic", "login": "alice", "password": None, "token": None, "name": None, "has_value": True,
    }  # fmt: skip
    row = stored(made["id"])
    assert "-secret" not in f"{made} {row.headers} {row.params} {row.auth}"
    assert sealing.unseal("postbacks", row.pk, "headers.X-Key", row.headers[0]["value"]) == "header-secret"
    assert sealing.unseal("postbacks", row.pk, "auth.password", row.auth["password"]) == "basic-secret"


def test_an_edit_that_leaves_a_secret_out_keeps_it(world):
    """What was read can be sent back as it is; and a secret of another name has to be given."""
    made = world.make_postback(**SECRETS)
    before = stored(made["id"])
    body = {
        "headers": made["headers"],
        "params": made["params"],
        "auth": {"type": "basic", "login": "alicia"},
    }
    answer = world.alice.patch(f"postbacks/{made['id']}", body)
    assert answer.status == 200, answer.json
    after = stored(made["id"])
    assert (after.headers, after.params) == (before.headers, before.params)
    assert after.auth == {**before.auth, "login": "alicia"}
    lacking = world.alice.patch(f"postbacks/{made['id']}", {"headers": [{"name": "X-Other", "secret": True}]})
    assert (lacking.status, lacking.pointers) == (422, ["/headers/0/value"])


def test_another_kind_of_auth_needs_its_own_secret(world):
    """A password is no token."""
    made = world.make_postback(**SECRETS)
    answer = world.alice.patch(f"postbacks/{made['id']}", {"auth": {"type": "bearer"}})
    assert (answer.status, answer.pointers) == (422, ["/auth/token"])
    assert (
        world.alice.patch(f"postbacks/{made['id']}", {"auth": {"type": "none"}}).json["auth"]["has_value"]
        is False
    )


def test_the_signing_secret_is_shown_once(world):
    """When signing is switched on, and never again."""
    made = world.make_postback()
    signed = world.alice.patch(f"postbacks/{made['id']}", {"sign": True}).json
    assert signed["signing_secret"]["value"].startswith("whsec_")
    again = world.alice.see(f"postbacks/{made['id']}")
    assert again["signing_secret"] == {"value": None, "has_value": True}


def test_a_postback_is_archived_and_owes_nothing_any_more(world):
    """Alice deletes it: what was unfinished is cancelled, the history stays, and the row can be read."""
    made = world.make_postback()
    path = f"postbacks/{made['id']}"
    convert(world)
    convert(world)
    done, open_ = world.alice.get(f"deliveries?postback_id={made['id']}").ids
    attempt(done)
    assert world.alice.delete(path).status == 204
    assert world.alice.see(f"deliveries/{open_}")["state"] == "cancelled"
    assert world.alice.see(f"deliveries/{done}")["state"] == "delivered"
    assert world.alice.get("postbacks").ids == []
    assert world.alice.get("postbacks?archived=true").ids == [made["id"]]
    assert world.alice.see(path)["archived_at"] is not None
    assert world.alice.patch(path, {"name": "x"}).code == "archived"
    assert world.alice.delete(path).status == 204


def test_deleting_an_older_version_is_refused(world):
    """Somebody edited it meanwhile."""
    path = f"postbacks/{world.make_postback()['id']}"
    etag = world.alice.get(path).headers["ETag"]
    world.alice.patch(path, {"name": "Renamed"})
    assert world.alice.delete(path, If_Match=etag).status == 412


def test_a_disabled_postback_is_enabled_and_resumes(world):
    """What was parked goes on; the slate is clean; the worker is woken."""
    made = world.make_postback()
    path = f"postbacks/{made['id']}"
    convert(world)
    disable(made["id"])
    shown = world.alice.see(path)
    assert (shown["state"], shown["failed_attempts"], shown["disabled_reason"]) == (
        "disabled", 25, "25 attempts failed",
    )  # fmt: skip
    assert world.alice.get("postbacks?state=disabled").ids == [made["id"]]
    assert world.alice.see("deliveries")["data"][0]["state"] == "parked"
    woken = world.bus.notified
    answer = world.alice.post(f"{path}/enable")
    assert (answer.status, answer.json["state"], answer.json["disabled_at"]) == (200, "active", None)
    assert world.alice.see("deliveries")["data"][0]["state"] == "pending"
    assert world.bus.notified > woken


def test_switching_off_parks_and_switching_on_resumes(world):
    """By hand, through an edit."""
    made = world.make_postback()
    path = f"postbacks/{made['id']}"
    convert(world)
    assert world.alice.patch(path, {"enabled": False}).json["state"] == "paused"
    assert world.alice.see("deliveries?state=parked")["data"][0]["state"] == "parked"
    assert world.alice.get("postbacks?state=paused").ids == [made["id"]]
    assert world.alice.patch(path, {"enabled": True}).json["state"] == "active"
    assert world.alice.get("deliveries?state=parked").ids == []


def test_postbacks_that_are_not_switched_on_are_closed(world):
    """ReferOn: until Bob enables them for Alice, she gets 403 on everything about postbacks; Bob does not."""
    made = world.make_postback()
    convert(world)
    delivery = world.alice.get("deliveries").ids[0]
    world.bob.patch(f"affiliates/{world.alice_id}", {"postbacks_enabled": False})
    path = f"postbacks/{made['id']}"
    for answer in (
        world.alice.get("postbacks"),
        world.alice.get(path),
        world.alice.post("postbacks", {"name": "x", "url": TRACKER}),
        world.alice.patch(path, {"name": "x"}),
        world.alice.delete(path),
        world.alice.post(f"{path}/test"),
        world.alice.post(f"{path}/enable"),
        world.alice.post(f"deliveries/{delivery}/retry"),
    ):
        assert (answer.status, answer.code) == (403, "postbacks_not_enabled")
    assert world.bob.see(path)["name"] == "Tracker"
    assert world.alice.get("offers").status == 200
