"""Bins as pages: made, shown with what they caught, used as the address of a postback, deleted."""

from __future__ import annotations

from tests.console.traffic import perform
from tests.portals.signed_in import HOSTILE, alice, bob, charlie


def caught(bin_id: str, body: str = "hello", query: str = "cid=1", number: int = 1) -> None:
    """Have the edge keep a request."""
    from redound.console.clock import now_ms
    from redound.store.bins import BinRequest, Bins  # noqa: F401 - the shape of what is kept
    from redound.store.plans.steps import Step

    headers = f'[["User-Agent", "{body[:5]}"]]'.replace("<", "\\u003c")
    values = (f"brq_{number:06}", bin_id, now_ms(), "POST", "/x", query, headers, body, False, "203.0.113.7")
    perform([Step("add_bin_request", values)])


def test_alice_makes_a_bin_and_reads_what_it_caught(world):
    """Newest first, with headers and body."""
    browser = alice(world)
    form = {"name": "Mine", "status": "202", "delay_ms": "50", "body": "taken", "expires_in_hours": "24"}
    answer = browser.post("/bins/", form)
    assert answer.status_code == 302
    (row,) = world.alice.see("bins")["data"]
    assert (row["name"], row["status"], row["delay_ms"], row["body"]) == ("Mine", 202, 50, "taken")
    assert answer["Location"] == f"/bins/{row['id']}/"
    assert "Nothing was sent here yet" in browser.text(answer["Location"])
    caught(row["id"], "first", number=1)
    caught(row["id"], "second", number=2)
    page = browser.text(answer["Location"])
    assert page.index("second") < page.index("first")
    assert "User-Agent" in page
    assert "/x?cid=1" in page


def test_what_is_looked_at_is_not_exchanged_for_the_same(world):
    """The page asks whether anything came; only then it gets the list anew."""
    row = world.alice.make("bins", name="Mine")
    browser = alice(world)
    assert "?seen=none" in browser.text(f"/bins/{row['id']}/")
    assert browser.get(f"/bins/{row['id']}/?seen=none").status_code == 204
    caught(row["id"], number=7)
    assert browser.get(f"/bins/{row['id']}/?seen=none").status_code == 200
    assert browser.get(f"/bins/{row['id']}/?seen=brq_000007").status_code == 204


def test_its_address_starts_a_postback(world):
    """With the usual macros."""
    row = world.alice.make("bins", name="Mine")
    page = alice(world).text(f"/bins/{row['id']}/")
    assert row["url"] in page
    assert "/postbacks/new/?url=http%3A%2F%2Ftrack.test%2Fbin%2F" in page


def test_what_is_wrong_stands_beside_its_field(world):
    """A status that no server gives; nothing is made."""
    answer = alice(world).post("/bins/", {"name": "Mine", "status": "99"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert world.alice.see("bins")["data"] == []


def test_too_many_are_refused_in_words(world):
    """Twenty at a time."""
    for number in range(20):
        world.alice.make("bins", name=f"b{number}")
    answer = alice(world).post("/bins/", {"name": "one more"})
    assert answer.status_code == 409
    assert "Delete one first" in answer.content.decode()


def test_its_answer_changes_and_it_goes(world):
    """Edited, then deleted."""
    row = world.alice.make("bins", name="Mine")
    browser = alice(world)
    changed = {"name": "Ours", "status": "500", "delay_ms": "0", "body": "", "expires_in_hours": ""}
    assert browser.post(f"/bins/{row['id']}/edit/", changed).status_code == 302
    after = world.alice.see(f"bins/{row['id']}")
    assert (after["name"], after["status"], after["body"]) == ("Ours", 500, "")
    assert after["expires_at"] == row["expires_at"]
    assert browser.post(f"/bins/{row['id']}/delete/").status_code == 302
    assert world.alice.get(f"bins/{row['id']}").status == 404


def test_a_bin_is_its_owners(world):
    """Charlie neither reads, changes nor deletes Alice's; Bob sees all, and makes one for her."""
    row = world.alice.make("bins", name="Alices bin")
    stranger = charlie(world)
    assert "Alices bin" not in stranger.text("/bins/")
    for answer in (
        stranger.get(f"/bins/{row['id']}/"),
        stranger.post(f"/bins/{row['id']}/edit/", {"name": "x"}),
        stranger.post(f"/bins/{row['id']}/delete/"),
    ):
        assert answer.status_code == 404
    assert world.alice.see(f"bins/{row['id']}")["name"] == "Alices bin"
    manager = bob(world)
    assert "Alices bin" in manager.text("/manage/bins/")
    assert (
        manager.post("/manage/bins/", {"name": "For her", "affiliate_id": world.alice_id}).status_code == 302
    )
    assert "For her" in {each["name"] for each in world.alice.see("bins")["data"]}


def test_what_was_sent_stays_text(world):
    """Anybody may send anything."""
    row = world.alice.make("bins", name=HOSTILE)
    caught(row["id"], HOSTILE, query=HOSTILE)
    page = alice(world).text(f"/bins/{row['id']}/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
