"""The gallery over the API: matching URLs for a tracker, and entries of people's own."""

from __future__ import annotations

from typing import Any

OWN: dict[str, Any] = {
    "name": "Alice's own",
    "base": "https://trk.example.net/in",
    "click_macro": "{visit}",
    "parameters": [{"name": "v", "role": "click"}, {"name": "p", "role": "payout"}],
}


def names(person) -> list[str]:
    """The trackers that a person sees."""
    return [each["name"] for each in person.see("gallery")["data"]]


def test_the_gallery_makes_matching_urls(world):
    """Alice picks Keitaro and a slot, and gets both URLs."""
    assert len(names(world.alice)) == 14
    assert world.alice.see("gallery/keitaro")["click_macro"] == "{subid}"
    body = {"link": "https://go.example.net/c/ab12cd3", "slot": 3, "filled": {"DOMAIN": "trk.example.net"}}
    answer = world.alice.post("gallery/keitaro/urls", body)
    assert answer.json["link"] == "https://go.example.net/c/ab12cd3?sub3={subid}"
    assert answer.json["postback_url"].startswith("https://trk.example.net/KEY/postback?subid={sub3}&")
    assert answer.json["blanks"] == ["KEY"]
    assert [each["code"] for each in answer.json["findings"]] == ["placeholder_left"]
    assert world.alice.get("gallery/nobody").status == 404


def test_an_entry_of_ones_own_makes_urls_as_well(world):
    """Alice's tracker is her own work."""
    made = world.alice.make("gallery", **OWN)
    assert (made["own"], made["affiliate_id"], made["click_param"]) == (True, world.alice_id, "v")
    answer = world.alice.post(f"gallery/{made['slug']}/urls", {"link": "https://go.example.net/c/ab12cd3"})
    assert answer.json["link"] == "https://go.example.net/c/ab12cd3?sub1={visit}"
    assert answer.json["postback_url"] == "https://trk.example.net/in?v={sub1}&p={payout}"
    answer = world.alice.post(
        "lint", {"url": "https://trk.example.net/in?cid={sub1}", "tracker": "alice's own"}
    )
    assert "wrong_click_param" in {each["code"] for each in answer.json["findings"]}


def test_what_is_alices_is_not_charlies(world):
    """He neither sees it nor takes it away; Bob may."""
    slug = world.alice.make("gallery", **OWN)["slug"]
    assert OWN["name"] not in names(world.charlie)
    assert world.charlie.get(f"gallery/{slug}").status == 404
    assert world.charlie.post(f"gallery/{slug}/urls", {}).status == 404
    assert world.charlie.delete(f"gallery/{slug}").status == 404
    assert OWN["name"] in names(world.alice)
    assert world.bob.delete(f"gallery/{slug}").status == 204
    assert OWN["name"] not in names(world.alice)


def test_a_managers_entry_is_for_everybody(world):
    """Unless he makes it for Alice; she cannot take his away."""
    slug = world.bob.make("gallery", **OWN)["slug"]
    assert OWN["name"] in names(world.charlie)
    assert world.alice.delete(f"gallery/{slug}").status == 404
    world.bob.make("gallery", **{**OWN, "name": "For Alice"}, affiliate_id=world.alice_id)
    assert "For Alice" in names(world.alice)
    assert "For Alice" not in names(world.charlie)


def test_an_entry_that_makes_no_sense_is_refused(world):
    """No parameter for the click ID, a macro in the base, an affiliate who does not exist."""
    assert world.alice.post("gallery", {**OWN, "parameters": OWN["parameters"][1:]}).pointers == [
        "/parameters"
    ]
    assert world.alice.post("gallery", {**OWN, "base": "https://{x}/in"}).pointers == ["/base"]
    assert world.bob.post("gallery", {**OWN, "affiliate_id": "aff_none"}).pointers == ["/affiliate_id"]
    assert len(names(world.bob)) == 14


def test_those_that_come_with_redound_stay(world):
    """Not even Bob deletes Keitaro."""
    assert world.bob.delete("gallery/keitaro").status == 404


def test_alice_changes_an_entry_of_her_own(world):
    """What she leaves out stays; the whole must make sense; its owner stays too."""
    slug = world.alice.make("gallery", **OWN)["slug"]
    answer = world.alice.patch(f"gallery/{slug}", {"name": "New", "notes": ["Ask for the key."]})
    assert answer.status == 200, answer.json
    assert (answer.json["name"], answer.json["notes"]) == ("New", ["Ask for the key."])
    assert answer.json["base"] == OWN["base"]
    assert [each["name"] for each in answer.json["parameters"]] == ["v", "p"]
    assert world.alice.see(f"gallery/{slug}")["name"] == "New"
    bad = world.alice.patch(f"gallery/{slug}", {"parameters": OWN["parameters"][1:]})
    assert (bad.status, bad.pointers) == (422, ["/parameters"])
    moved = world.bob.patch(f"gallery/{slug}", {"affiliate_id": world.charlie_id})
    assert (moved.status, moved.pointers) == (422, ["/affiliate_id"])


def test_nobody_changes_what_is_anothers(world):
    """Neither Charlie, nor Alice a manager's, nor Bob what comes with Redound; Bob may change Alice's."""
    hers = world.alice.make("gallery", **OWN)["slug"]
    bobs = world.bob.make("gallery", **OWN)["slug"]
    assert world.charlie.patch(f"gallery/{hers}", {"name": "x"}).status == 404
    assert world.alice.patch(f"gallery/{bobs}", {"name": "x"}).status == 404
    assert world.bob.patch("gallery/keitaro", {"name": "x"}).status == 404
    assert world.bob.patch(f"gallery/{hers}", {"name": "Hers"}).status == 200


def test_a_change_of_an_older_version_is_refused(world):
    """If-Match names another."""
    slug = world.alice.make("gallery", **OWN)["slug"]
    etag = world.alice.patch(f"gallery/{slug}", {"name": "One"}).headers["ETag"]
    assert world.alice.patch(f"gallery/{slug}", {"name": "Two"}, If_Match=etag).status == 200
    assert world.alice.patch(f"gallery/{slug}", {"name": "Three"}, If_Match=etag).status == 412
