"""Lint, parse, translate and the gallery over the API: with what is known of the stored postback."""

from __future__ import annotations

from tests.console.people import Person
from tests.console.traffic import convert

URL = "https://tracker.example.com/pb?cid={sub1}&payout={payout}"


def codes(answer) -> set[str]:
    """The codes of an answer that must have worked."""
    assert answer.status == 200, answer.json
    return {finding["code"] for finding in answer.json["findings"]}


def test_a_url_is_linted(world):
    """Alice pastes it; the form is that of the command line."""
    answer = world.alice.post("lint", {"url": f"{URL}&x={{clickid}}"})
    finding = next(each for each in answer.json["findings"] if each["code"] == "unknown_macro")
    assert (finding["severity"], finding["span"], finding["fix"]) == ("error", [60, 69], None)
    assert codes(world.alice.get("lint?url=https://t.example.com/pb")) == {"no_query", "no_click_id"}


def test_an_affiliates_macros_are_those_of_affiliates(world):
    """{revenue} is Bob's."""
    assert "macro_not_visible" in codes(world.alice.post("lint", {"url": f"{URL}&r={{revenue}}"}))
    assert "macro_not_visible" not in codes(world.bob.post("lint", {"url": f"{URL}&r={{revenue}}"}))


def test_the_stored_postback_says_what_it_fires_for(world):
    """For several statuses; a URL without one is then a warning."""
    postback = world.make_postback(statuses=["approved", "rejected"])
    answer = world.alice.post("lint", {"url": URL, "postback_id": postback["id"]})
    severities = {each["code"]: each["severity"] for each in answer.json["findings"]}
    assert severities["missing_status"] == "warning"


def test_charlie_learns_nothing_of_alices_postback(world):
    """It does not exist for him."""
    postback = world.make_postback()
    answer = world.charlie.post("lint", {"url": URL, "postback_id": postback["id"]})
    assert (answer.status, answer.code) == (404, "not_found")


def test_the_link_tells_the_slot(world):
    """Alice's link carries the click ID in sub2."""
    link = "https://go.example.net/c/ab12cd3?sub2={clickid}"
    answer = world.alice.post("lint", {"url": URL, "links": [link], "lang": "ru"})
    assert "slot_mismatch" in codes(answer)
    assert answer.json["findings"][0]["fix"] == {"url": URL.replace("{sub1}", "{sub2}")}


def test_an_unknown_tracker_or_platform_is_refused(world):
    """With those that there are."""
    assert world.alice.post("lint", {"url": URL, "tracker": "nobody"}).pointers == ["/tracker"]
    assert world.alice.post("translate", {"url": URL, "from": "nobody"}).pointers == ["/from"]
    assert world.alice.post("translate", {"url": URL, "to": "nobody"}).pointers == ["/to"]


def test_a_url_is_parsed_with_sample_and_real_values(world):
    """A conversion of Alice's own; Charlie's is none of hers."""
    conversion = convert(world)
    answer = world.alice.post("parse", {"url": URL, "conversion_id": conversion})
    rows = answer.json["rows"]
    assert [row["name"] for row in rows] == ["cid", "payout"]
    assert rows[1]["real"] == "12.00"
    assert rows[1]["sample"] == "12.50"
    assert world.charlie.post("parse", {"url": URL, "conversion_id": conversion}).status == 404
    assert world.alice.get("parse?url=x").json["rows"] == []


def test_a_url_is_translated_both_ways(world):
    """From CAKE, and to it."""
    answer = world.alice.post("translate", {"url": "https://t.example.com/?c=#s2#", "from": "cake"})
    assert (answer.json["url"], answer.json["unmapped"]) == ("https://t.example.com/?c={sub2}", [])
    answer = world.alice.post("translate", {"url": "https://t.example.com/?c={sub2}", "to": "cake"})
    assert answer.json["url"] == "https://t.example.com/?c=#s2#"


def test_nobody_gets_an_answer_and_a_reader_asks_by_get(world):
    """A key is needed; one that only reads uses GET."""
    assert world.nobody.post("lint", {"url": URL}).status == 401
    assert world.nobody.get("gallery").status == 401
    reader = Person("reader", world.alice.make("api-keys", name="r", scopes=["read"])["key"])
    for path in ("lint?url=x", "parse?url=x", "translate?url=x", "gallery", "gallery/voluum"):
        assert reader.get(path).status == 200
    assert reader.post("lint", {"url": URL}).code == "scope_missing"
