"""Advertisers to links over the API: what a POST needs, what it answers, and what is refused."""

from __future__ import annotations

import pytest

ACME_TOKEN = "acme-token-1"


def test_the_least_that_a_brand_needs_is_a_name_and_an_advertiser(world):
    """Bob names a brand; the answer has its ID, its times and where to find it."""
    answer = world.bob.post("brands", {"name": "Acme Bet", "advertiser_id": world.acme})
    assert answer.status == 201
    assert answer.json["id"].startswith("brd_")
    assert answer.json["created_at"].endswith("Z")
    assert answer.headers["Location"] == f"/api/v1/brands/{answer.json['id']}"
    assert world.bob.see(f"brands/{answer.json['id']}") == answer.json


def test_a_field_that_is_no_field_is_refused_by_name(world):
    """A mistyped field would be lost in silence."""
    answer = world.bob.post("brands", {"name": "x", "advertiser_id": world.acme, "advertizer": 1})
    assert answer.status == 422
    assert answer.pointers == ["/advertizer"]
    assert answer.json["errors"][0]["code"] == "unknown_field"


def test_a_missing_field_is_named(world):
    """Bob forgets the landing page."""
    answer = world.bob.post("offers", {"name": "Shoes", "brand_id": world.brand})
    assert (answer.status, answer.pointers) == (422, ["/landing_url"])


def test_a_reference_to_nothing_is_named(world):
    """An ID of the right form that is nobody's."""
    answer = world.bob.post("brands", {"name": "x", "advertiser_id": "adv_" + "0" * 28})
    assert (answer.status, answer.pointers) == (422, ["/advertiser_id"])


def test_an_edit_changes_what_it_gives_and_nothing_else(world):
    """Bob renames the offer; its landing URL stays."""
    before = world.bob.see(f"offers/{world.offer}")
    answer = world.bob.patch(f"offers/{world.offer}", {"name": "Boots"})
    assert answer.status == 200
    assert {**answer.json, "updated_at": ""} == {**before, "name": "Boots", "updated_at": ""}


def test_an_edit_of_an_older_version_is_refused(world):
    """Bob read the offer before somebody renamed it."""
    etag = world.bob.get(f"offers/{world.offer}").headers["ETag"]
    assert world.bob.patch(f"offers/{world.offer}", {"name": "Boots"}, If_Match=etag).status == 200
    answer = world.bob.patch(f"offers/{world.offer}", {"name": "Hats"}, If_Match=etag)
    assert (answer.status, answer.code) == (412, "precondition_failed")
    assert world.bob.see(f"offers/{world.offer}")["name"] == "Boots"


def test_tokens_are_never_read_back_and_kept_by_an_edit(world):
    """Bob gives Acme a token; nobody ever sees it again, and renaming Acme does not lose it."""
    made = world.bob.make("advertisers", name="Beta", tokens=[ACME_TOKEN])
    assert made["tokens"] == [{"value": None, "has_value": True}]
    edited = world.bob.patch(f"advertisers/{made['id']}", {"name": "Gamma"})
    assert edited.json["tokens"] == [{"value": None, "has_value": True}]
    assert ACME_TOKEN not in str([made, edited.json])


def test_a_token_is_rotated_without_typing_the_old_one_again(world):
    """What was read back stands for itself, so a second token can be added beside the first."""
    from redound.console.catalog.models import Advertiser

    made = world.bob.make("advertisers", name="Beta", tokens=[ACME_TOKEN])
    first = Advertiser.objects.get(pk=made["id"]).tokens[0]
    answer = world.bob.patch(f"advertisers/{made['id']}", {"tokens": [*made["tokens"], "another-token"]})
    assert answer.status == 200, answer.json
    tokens = Advertiser.objects.get(pk=made["id"]).tokens
    assert tokens[0] == first
    assert len(tokens) == 2


def test_a_third_token_is_refused(world):
    """Two may be valid at once, for rotation."""
    answer = world.bob.post("advertisers", {"name": "Beta", "tokens": ["one-1", "two-2", "three-3"]})
    assert (answer.status, answer.pointers) == (422, ["/tokens"])


def test_a_token_of_another_advertiser_is_refused(world):
    """Two advertisers with one token could not be told apart."""
    world.bob.make("advertisers", name="Beta", tokens=[ACME_TOKEN])
    answer = world.bob.post("advertisers", {"name": "Gamma", "tokens": [ACME_TOKEN]})
    assert (answer.status, answer.pointers) == (422, ["/tokens/0"])


def test_networks_are_kept_in_their_canonical_form(world):
    """A single address is a network of one."""
    made = world.bob.make("advertisers", name="Beta", allowed_ips=["203.0.113.7", "2001:db8::1/32"])
    assert made["allowed_ips"] == ["203.0.113.7/32", "2001:db8::/32"]
    answer = world.bob.post("advertisers", {"name": "Beta", "allowed_ips": ["203.0.113.0/24", "nowhere"]})
    assert (answer.status, answer.pointers) == (422, ["/allowed_ips/1"])


def test_status_words_map_to_statuses_of_ours(world):
    """Acme says "1" for approved; "won" is no status of ours."""
    made = world.bob.make("advertisers", name="Beta", status_words={"1": "approved", "OK": "pending"})
    assert made["status_words"] == {"1": "approved", "OK": "pending"}
    twice = world.bob.post("advertisers", {"name": "x", "status_words": {"OK": "pending", "ok": "approved"}})
    assert (twice.status, twice.pointers) == (422, ["/status_words"])
    answer = world.bob.post("advertisers", {"name": "Beta", "status_words": {"1": "won"}})
    assert (answer.status, answer.pointers) == (422, ["/status_words/1"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "landing",
    ["ftp://shop.example.com/", "https://{sub1}/", "//shop.example.com", "https://shop.example.com/?x={nonsense}",
     "https://shop.example.com/?p={payout}", "https://shop.example.com/a b", ""],
)  # fmt: skip
def test_a_landing_url_that_cannot_be_one_is_refused(world, landing):
    """Scheme and host come from the offer alone; macros are those that a click knows."""
    answer = world.bob.post("offers", {"name": "x", "brand_id": world.brand, "landing_url": landing})
    assert (answer.status, answer.pointers) == (422, ["/landing_url"])


def test_a_pause_keeps_its_time(world):
    """Bob pauses the offer twice; the time of the first pause counts, until it runs again."""
    first = world.bob.patch(f"offers/{world.offer}", {"status": "paused"}).json["paused_at"]
    assert first is not None
    assert world.bob.patch(f"offers/{world.offer}", {"status": "paused"}).json["paused_at"] == first
    assert world.bob.patch(f"offers/{world.offer}", {"status": "active"}).json["paused_at"] is None


def test_money_is_a_decimal_string_in_the_offers_currency(world):
    """Two decimals in euros, none in yen."""
    yen = world.make_offer(currency="jpy", payout_model="cpc", cpc_payout="12")
    assert world.bob.see(f"offers/{yen}")["cpc_payout"] == "12"
    assert world.bob.see(f"goals/{world.goal}")["payout"] == "12.00"
    answer = world.bob.post("goals", {"offer_id": yen, "code": "sale", "payout": "1.50"})
    assert (answer.status, answer.pointers) == (422, ["/payout"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("payout", ["12,00", "$12", "abc", "-1", "1e3", 12.5])
def test_an_amount_in_any_other_form_is_refused(world, payout):
    """Nothing is guessed about money."""
    answer = world.bob.patch(f"goals/{world.goal}", {"payout": payout})
    assert (answer.status, answer.pointers) == (422, ["/payout"])


def test_a_goal_pays_an_amount_or_a_share(world):
    """Giving both is refused; giving the other one later replaces the first."""
    answer = world.bob.patch(f"goals/{world.goal}", {"payout": "1.00", "payout_percent": "10"})
    assert answer.status == 422
    changed = world.bob.patch(f"goals/{world.goal}", {"payout_percent": "10"}).json
    assert (changed["payout"], changed["payout_percent"]) == (None, "10")


def test_a_hold_runs_out_into_something_else(world):
    """Into what the table of changes allows."""
    held = world.make_goal(code="lead", default_status="hold", hold_seconds=60, hold_then="approved")
    assert world.bob.see(f"goals/{held}")["hold_then"] == "approved"
    for status in ("hold", "refunded"):
        answer = world.bob.patch(f"goals/{held}", {"hold_then": status})
        assert (answer.status, answer.pointers) == (422, ["/hold_then"])


def test_an_offer_has_one_base_goal(world):
    """The second base goal is refused, naming the first."""
    answer = world.bob.post("goals", {"offer_id": world.offer, "code": "lead", "base": True})
    assert (answer.status, answer.pointers) == (422, ["/base"])
    assert world.goal in answer.json["detail"]


def test_a_code_is_an_offers_own(world):
    """Codes of one offer differ, whatever their case; another offer may have the same."""
    answer = world.bob.post("goals", {"offer_id": world.offer, "code": "SALE"})
    assert (answer.status, answer.pointers) == (422, ["/code"])
    world.bob.make("goals", offer_id=world.make_offer(), code="sale")


@pytest.mark.parametrize(
    ("given", "shown"), [("once", "once"), (1, "once"), ("unlimited", "unlimited"), (3, 3)]
)
def test_repeats_are_once_unlimited_or_a_number(world, given, shown):
    """The least goal reads back as it was meant."""
    assert world.bob.see(f"goals/{world.make_goal(code='lead', repeats=given)}")["repeats"] == shown


def test_the_currency_stands_once_there_is_money_in_it(world):
    """1200 cents are not 1200 yen."""
    answer = world.bob.patch(f"offers/{world.offer}", {"currency": "JPY"})
    assert (answer.status, answer.pointers) == (422, ["/currency"])


def test_a_goal_stays_with_its_offer(world):
    """Its conversions would otherwise be another offer's."""
    answer = world.bob.patch(f"goals/{world.goal}", {"offer_id": world.make_offer()})
    assert (answer.status, answer.pointers) == (422, ["/offer_id"])


def test_a_link_tells_its_address_and_whose_it_is(world):
    """Alice finds the URL to spread, and the brand it is for."""
    link = world.alice.see(f"links/{world.link}")
    assert link["url"] == f"http://track.test/c/{link['code']}"
    assert (link["affiliate_id"], link["brand_id"]) == (world.alice_id, world.brand)


def test_alice_makes_a_campaign_without_saying_whose(world):
    """Her key says it; and a link in it."""
    campaign = world.alice.make("campaigns", name="Winter")
    assert campaign["affiliate_id"] == world.alice_id
    world.alice.make("links", campaign_id=campaign["id"], offer_id=world.offer)


def test_a_text_with_a_nul_character_is_refused(world):
    """PostgreSQL cannot store it, so neither database is asked to."""
    answer = world.bob.post("brands", {"name": "a\0b", "advertiser_id": world.acme})
    assert answer.status == 422


def test_whoever_makes_an_affiliate_looks_after_them(world):
    """Bob is Alice's manager; she is not told his ID."""
    assert world.bob.see(f"affiliates/{world.alice_id}")["manager_id"] == world.bob_user.pk
    assert world.alice.see(f"affiliates/{world.alice_id}")["manager_id"] is None
