"""The gallery on the managers' pages: built-in entries to read, own ones to write."""

from __future__ import annotations

from tests.portals.managing import alices, bobs, follow

FORM = {
    "name": "HomeTracker",
    "kind": "tracker",
    "base": "https://DOMAIN/postback",
    "click_macro": "{cid}",
    "parameters": "cid | click | its click ID\npayout | payout\n-sum2 | other | not used",
    "status_words": "approved = sale",
    "notes": "Ask for the domain.",
}


def test_what_comes_with_redound_can_only_be_read(world):
    """A page without buttons; changing it by hand is 404."""
    bob = bobs(world)
    page = bob.text("/manage/gallery/keitaro/")
    assert "It comes with Redound" in page
    assert "/manage/gallery/keitaro/edit/" not in page
    assert bob.get("/manage/gallery/keitaro/edit/").status_code == 404
    assert bob.post("/manage/gallery/keitaro/delete/").status_code == 404


def test_bob_adds_an_entry_and_changes_it(world):
    """What was typed is what the API tells; affiliates find it."""
    bob = bobs(world)
    page = follow(bob, bob.post("/manage/gallery/new/", FORM))
    assert "HomeTracker" in page
    own = world.alice.see("gallery")["data"][-1]
    assert own["own"] is True
    assert [(each["name"], each["role"], each["sent"]) for each in own["parameters"]] == [
        ("cid", "click", True),
        ("payout", "payout", True),
        ("sum2", "other", False),
    ]
    path = f"/manage/gallery/{own['slug']}/edit/"
    assert "-sum2 | other | not used" in bob.text(path)
    follow(bob, bob.post(path, {**FORM, "notes": "Ask for the domain.\nAnd the key."}))
    assert world.alice.see(f"gallery/{own['slug']}")["notes"] == ["Ask for the domain.", "And the key."]


def test_an_entry_without_a_click_parameter_is_refused(world):
    """The sentence says what is missing; what was typed stays."""
    answer = bobs(world).post("/manage/gallery/new/", {**FORM, "parameters": "payout | payout"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Nothing was saved." in page
    assert "payout | payout" in page
    assert not any(each["own"] for each in world.bob.see("gallery")["data"])


def test_bob_takes_an_entry_away(world):
    """It is gone, and the audit log has it."""
    bob = bobs(world)
    follow(bob, bob.post("/manage/gallery/new/", FORM))
    own = world.bob.see("gallery")["data"][-1]["slug"]
    follow(bob, bob.post(f"/manage/gallery/{own}/delete/"))
    assert bob.get(f"/manage/gallery/{own}/").status_code == 404
    assert world.bob.see("audit")["data"][0]["action"] == "delete"


def test_alice_adds_nothing_here(world):
    """The managers' gallery is not hers."""
    alice = alices(world)
    assert alice.get("/manage/gallery/").status_code == 403
    assert alice.post("/manage/gallery/new/", FORM).status_code == 403
    assert not any(each["own"] for each in world.bob.see("gallery")["data"])
