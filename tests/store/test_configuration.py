"""The snapshot: the whole configuration, and keeping up with it by changed rows. On every driver."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from redound.core.bearings import token_digest
from redound.core.catalog import Auth, HealthState, Level, Method, Pair, Success
from redound.core.states import Status
from tests.builders import (
    NOW,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_goal,
    make_link,
    make_offer,
    make_postback,
)


async def test_the_whole_configuration_is_loaded(rig):
    """Every noun, joined up: the offer has its goals and its advertiser, the link its affiliate."""
    snapshot = await rig.store.load_snapshot()
    assert snapshot.advertiser("adv_acme") == make_advertiser()
    assert snapshot.brand("brd_play") == make_brand()
    assert snapshot.offer("ofr_shoes") == make_offer()
    assert snapshot.goal("gol_sale") == make_goal()
    assert snapshot.affiliate("aff_alice") == make_affiliate()
    assert snapshot.campaign("cmp_autumn") == make_campaign()
    assert snapshot.links_by_code[make_link().code] == snapshot.link("lnk_banner") == make_link()
    assert snapshot.postbacks_for("aff_alice", "ofr_shoes") == (make_postback(),)


async def test_every_field_survives_the_database(rig):
    """What a manager can set comes back as it was set."""
    advertiser = make_advertiser(
        token_digests=frozenset({token_digest("a"), token_digest("b")}),
        allowed_ips=("198.51.100.0/24",),
        status_words={"bezahlt": Status.APPROVED},
    )
    goal = make_goal(
        "deposit",
        payout_minor=None,
        payout_percent=Decimal("12.5"),
        revenue_percent=Decimal(100),
        repeats=0,
        hold_seconds=60,
        hold_then=Status.APPROVED,
        default_status=Status.HOLD,
        private=True,
    )
    offer = make_offer(
        make_goal(),
        goal,
        paused_at=NOW - timedelta(days=1),
        conversion_window_days=30,
        deep_link_hosts=("shop.example.com",),
        goals_enabled=False,
        cpc_payout_minor=7,
    )
    postback = make_postback(
        goals=frozenset({"gol_sale"}),
        level=Level.OFFER,
        include=frozenset({"ofr_shoes"}),
        exclude_offers=frozenset({"ofr_other"}),
        method=Method.POST_JSON,
        params=(Pair("a", "{sub1}"), Pair("key", "sealed", secret=True)),
        headers=(Pair("X-Key", "v"),),
        auth=Auth(type="basic", login="alice", password="sealed"),
        success=Success(body_contains="OK"),
        retry_schedule=(10.0, 60.0),
        max_attempts=3,
        max_age_seconds=5,
        delay_seconds=6,
        sign=True,
        signing_secret="sealed",
    )
    rig.configure(advertiser, offer, postback, make_affiliate(paused_at=NOW))
    snapshot = await rig.store.load_snapshot()
    assert snapshot.advertiser_by_token(token_digest("b")) == advertiser
    assert snapshot.offer("ofr_shoes") == replace(offer, goals=tuple(sorted(offer.goals, key=lambda g: g.id)))
    assert snapshot.postbacks["pbk_tracker"] == postback
    assert snapshot.affiliate("aff_alice") == make_affiliate(paused_at=NOW)


async def test_a_change_arrives_and_then_there_is_nothing_new(rig):
    """Bob renames the offer; the planes see it at their next look, and only once."""
    snapshot = await rig.store.load_snapshot()
    assert not await rig.store.refresh_snapshot(snapshot)
    rig.configure(make_offer(name="Boots"))
    assert await rig.store.refresh_snapshot(snapshot)
    assert snapshot.offers["ofr_shoes"].name == "Boots"
    assert snapshot.offers["ofr_shoes"].goals == (make_goal(),)
    assert not await rig.store.refresh_snapshot(snapshot)


async def test_new_and_deleted_rows_arrive(rig):
    """A new link works, a deleted one does not, a goal belongs to its offer at once."""
    snapshot = await rig.store.load_snapshot()
    new = make_link(id="lnk_new", number=77)
    rig.configure(new)
    rig.unconfigure(make_link())
    rig.configure(make_goal("lead"))
    rig.unconfigure(make_postback())
    assert await rig.store.refresh_snapshot(snapshot)
    assert set(snapshot.links_by_code) == {new.code}
    assert snapshot.links_by_number[77] == new
    assert [goal.code for goal in snapshot.offers["ofr_shoes"].goals] == ["lead", "sale"]
    assert snapshot.postbacks_for("aff_alice", "ofr_shoes") == ()


async def test_a_goal_that_is_deleted_leaves_its_offer(rig):
    """The offer stays, without it."""
    rig.configure(make_goal("lead"))
    snapshot = await rig.store.load_snapshot()
    rig.unconfigure(make_goal("lead"))
    await rig.store.refresh_snapshot(snapshot)
    assert snapshot.offers["ofr_shoes"].goals == (make_goal(),)
    assert snapshot.goal("gol_lead") is None


async def test_a_brand_that_changes_hands_takes_its_offers_along(rig):
    """The advertiser of an offer is its brand's."""
    snapshot = await rig.store.load_snapshot()
    rig.configure(make_advertiser(id="adv_new", name="New"))
    rig.configure(make_brand(advertiser_id="adv_new"))
    await rig.store.refresh_snapshot(snapshot)
    assert snapshot.offers["ofr_shoes"].advertiser_id == "adv_new"


async def test_a_managers_postback_is_considered_where_it_is_named(rig):
    """By offer or by brand, for every affiliate; not elsewhere."""
    by_offer = make_postback(
        id="pbk_1", affiliate_id=None, level=Level.OFFER, include=frozenset({"ofr_shoes"})
    )
    by_brand = make_postback(
        id="pbk_2", affiliate_id=None, level=Level.BRAND, include=frozenset({"brd_play"})
    )
    elsewhere = make_postback(id="pbk_3", affiliate_id=None, level=Level.OFFER, include=frozenset({"ofr_x"}))
    rig.configure(by_offer, by_brand, elsewhere)
    snapshot = await rig.store.load_snapshot()
    assert snapshot.postbacks_for("aff_charlie", "ofr_shoes") == (by_offer, by_brand)
    assert snapshot.postbacks_for("aff_alice", "ofr_shoes") == (make_postback(), by_offer, by_brand)


async def test_a_snapshot_that_lags_too_far_is_loaded_anew(sql_rig):
    """Old changes are forgotten; who does not know them takes everything."""
    rig = sql_rig
    snapshot = await rig.store.load_snapshot()
    rig.configure(make_offer(name="Boots"))
    rig.database.run("DELETE FROM config_changes")
    assert await rig.store.refresh_snapshot(snapshot)
    assert snapshot.offers["ofr_shoes"].name == "Boots"


async def test_an_archived_postback_is_gone(sql_rig):
    """Deleted by Alice: it neither fires nor is sent any more."""
    rig = sql_rig
    snapshot = await rig.store.load_snapshot()
    rig.database.run("UPDATE postbacks SET archived_at = ?", NOW.strftime("%Y-%m-%d %H:%M:%S"))
    await rig.store.refresh_snapshot(snapshot)
    assert snapshot.postbacks == {}
    assert make_postback().health is HealthState.OK
