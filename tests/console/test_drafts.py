"""A postback that is being written: what it would send is seen before anything is stored."""

from __future__ import annotations

from tests.console.people import TRACKER
from tests.console.traffic import convert, open_click

NO_ONE = "cnv_" + "0" * 28


def stored() -> int:
    """How many postbacks there are."""
    from redound.console.postbacks.models import Postback

    return Postback.objects.count()


def preview(person, postback, **values):
    """What a draft would send."""
    answer = person.post("postbacks/preview", {"postback": postback, **values})
    assert answer.status == 200, answer.json
    return answer.json


def test_a_draft_shows_its_request_and_is_not_stored(world):
    """For sample values without more, for a conversion its own."""
    url = "http://127.0.0.1:9000/?cid={sub1}&tx={txid}"
    conversion = convert(world, txid="T-7")
    shown = preview(world.alice, {"url": url}, conversion_id=conversion)
    assert shown["request"]["url"] == "http://127.0.0.1:9000/?cid=TRACKER-1&tx=T-7"
    assert shown["values"] == {"sub1": "TRACKER-1", "txid": "T-7"}
    assert (shown["errors"], shown["problem"]) == ([], None)
    click = preview(world.alice, {"url": url}, click_id=open_click(world))
    assert "cid=TRACKER-1" in click["request"]["url"]
    assert preview(world.alice, {"url": url})["request"]["method"] == "GET"
    assert stored() == 0


def test_what_is_wrong_is_named_and_the_rest_shown(world):
    """A level without its offers would be refused, and the request is clear all the same."""
    shown = preview(world.alice, {"url": TRACKER, "level": "offer", "include": []})
    assert [each["pointer"] for each in shown["errors"]] == ["/include"]
    assert shown["request"]["url"].startswith("http://127.0.0.1:9000/postback?cid=")


def test_what_cannot_be_sent_has_no_request(world):
    """An unknown macro, and no address at all."""
    for url in ("http://127.0.0.1:9000/?cid={subb1}", ""):
        shown = preview(world.alice, {"url": url})
        assert shown["request"] is None
        assert shown["problem"]
        assert "/url" in [each["pointer"] for each in shown["errors"]]


def test_the_linter_has_its_say(world):
    """As when it is saved."""
    shown = preview(
        world.alice, {"url": "http://127.0.0.1:9000/?cid={click_id}", "statuses": ["approved", "rejected"]}
    )
    assert "missing_status" in [each["code"] for each in shown["findings"]]


def test_a_draft_of_a_stored_one_keeps_its_secrets_masked(world):
    """What is left out stays; nobody reads it."""
    row = world.make_postback(params=[{"name": "key", "value": "hush", "secret": True}])
    shown = preview(
        world.alice,
        {"url": "http://127.0.0.1:9000/new?cid={sub1}", "params": [{"name": "key", "secret": True}]},
        postback_id=row["id"],
    )
    assert shown["errors"] == []
    assert "/new?cid=" in shown["request"]["url"]
    assert "key=" in shown["request"]["url"]
    assert "hush" not in str(shown)
    assert world.alice.see(f"postbacks/{row['id']}")["url"] == TRACKER
    new = preview(world.alice, {"url": TRACKER, "params": [{"name": "key", "value": "hush", "secret": True}]})
    assert "hush" not in str(new)


def test_nobody_uses_what_is_anothers(world):
    """Alice's postback, click and conversion do not exist for Charlie."""
    row, conversion = world.make_postback(), convert(world)
    for values in ({"conversion_id": conversion}, {"click_id": open_click(world)}, {"conversion_id": NO_ONE}):
        answer = world.charlie.post("postbacks/preview", {"postback": {"url": TRACKER}, **values})
        assert (answer.status, len(answer.pointers)) == (422, 1)
    foreign = {"postback": {"url": TRACKER}, "postback_id": row["id"]}
    assert world.charlie.post("postbacks/preview", foreign).status == 404
    assert world.bob.post("postbacks/preview", foreign).status == 200


def test_what_managers_earn_is_not_shown_in_an_affiliates_draft(world):
    """The macro is refused, and its value not rendered either."""
    conversion = convert(world)
    shown = preview(world.alice, {"url": "http://127.0.0.1:9000/?r={revenue}"}, conversion_id=conversion)
    assert shown["errors"]
    assert "20.00" not in str(shown)
    managers = {"url": "http://127.0.0.1:9000/?r={revenue}", "level": "offer", "include": [world.offer]}
    assert "r=20.00" in preview(world.bob, managers, conversion_id=conversion)["request"]["url"]


def test_saving_answers_with_what_the_linter_says(world):
    """Warnings do not keep anybody from saving."""
    made = world.make_postback(url="http://127.0.0.1:9000/?cid={click_id}", statuses=["approved", "rejected"])
    assert "missing_status" in [each["code"] for each in made["findings"]]
    edited = world.alice.patch(f"postbacks/{made['id']}", {"url": TRACKER + "&status={status}"}).json
    assert "missing_status" not in [each["code"] for each in edited["findings"]]
    assert "findings" not in world.alice.see(f"postbacks/{made['id']}")
