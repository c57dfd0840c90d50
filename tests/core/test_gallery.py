"""The gallery: one small file a tracker, and link and postback URL generated in matching slots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redound import gallery
from redound.core.gallery import Tracker, generate, read_tracker
from redound.core.lint.engine import lint
from redound.core.lint.subject import LintContext
from redound.core.macros import SUBS
from redound.core.parsing import parse
from redound.core.roles import Role
from redound.core.scan import Position
from redound.core.templates import Template, parse_template
from tests.lint.gallery_page import PAGE, render

LINK = "https://go.example.net/c/ab12cd3"
EVERY = pytest.mark.parametrize("tracker", gallery.trackers().values(), ids=lambda tracker: tracker.slug)
BLANKS = {"DOMAIN": "trk.alice-media.net", "KEY": "a1b2c3", "SUB": "alice", "TENANT": "alice", "UID": "4711"}


def test_every_tracker_of_the_trade_is_there():
    """Alice finds hers by any of its names."""
    assert set(gallery.trackers()) == {
        *("adsbridge", "bemob", "binom", "clickflare", "clickmagick", "cpvlab", "funnelflux", "keitaro"),
        *("peerclick", "prosper202", "redtrack", "taboola", "trackdesk", "voluum"),
    }
    assert gallery.find("FunnelFlux Pro") is gallery.find("funnelflux")
    assert gallery.find("CPV Lab") is gallery.trackers()["cpvlab"]
    assert gallery.find("nobody's") is None


@EVERY
@pytest.mark.parametrize("slot", [1, 7])
def test_link_and_postback_fit_each_other(tracker, slot):
    """The slot that the link fills is the one that the postback returns, and the linter agrees."""
    made = generate(tracker, LINK, slot, BLANKS)
    assert made.slot == f"sub{slot}"
    assert made.blanks == ()
    assert isinstance(parse_template(made.postback, Position.URL), Template)
    row = next(row for row in parse(made.postback).rows if row.key == tracker.click_param)
    assert row.value == f"{{sub{slot}}}"
    if tracker.click_macro:
        assert made.link == f"{LINK}?sub{slot}={tracker.click_macro}"
    links = (made.link,) if made.link else ()
    context = LintContext(tracker=tracker, trackers=gallery.index(), links=links)
    assert [each for each in lint(made.postback, context) if each.severity != "info"] == []


@EVERY
def test_what_the_source_leaves_blank_is_blank(tracker):
    """No link template is made up for a tracker whose macro is not known."""
    if tracker.slug in {"adsbridge", "taboola"}:
        assert tracker.click_macro == ""
        assert generate(tracker, LINK).link == ""
    else:
        assert tracker.click_macro
    assert tracker.source


def test_words_to_be_replaced_are_named():
    """Keitaro's domain and key are Alice's own."""
    made = generate(gallery.trackers()["keitaro"], LINK)
    assert made.postback.startswith("https://DOMAIN/KEY/postback?subid={sub1}&status={status}")
    assert made.blanks == ("DOMAIN", "KEY")
    half = generate(gallery.trackers()["keitaro"], LINK, 1, {"DOMAIN": "trk.example.net", "NOTHING": "x"})
    assert half.blanks == ("KEY",)


def test_the_link_keeps_its_other_parameters():
    """A slot that is filled again is filled once."""
    made = generate(gallery.trackers()["voluum"], f"{LINK}?sub2=banner&sub1=old", 1)
    assert made.link == f"{LINK}?sub2=banner&sub1={{clickid}}"


@pytest.mark.parametrize("slot", [0, len(SUBS) + 1])
def test_there_are_twenty_slots(slot):
    """No other can carry anything."""
    with pytest.raises(ValueError, match="1 to 20"):
        generate(gallery.trackers()["voluum"], LINK, slot)


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://alice.bemobtrcks.com/anything?cid={sub1}", "bemob"),
        ("https://pstb.peerclick.com/postback?cid={sub1}", "peerclick"),
        ("https://trk.example.net/a1b2/postback?subid={sub1}", "keitaro"),
        ("https://trk.example.net/click.php?cnv_id={sub1}", "binom"),
        ("https://trk.example.net/click?cnv_status={status}", "binom"),
        ("https://trk.example.net/cf/cv?cid={sub1}", "clickflare"),
        ("https://trk.example.net/tracking202/static/gpb.php?subid={sub1}", "prosper202"),
        ("https://trk.example.net/postback?cid={sub1}", None),
        ("https://trk.example.net/click.php?id={sub1}", None),
        ("https://notbemobtrcks.com/postback?cid={sub1}", None),
    ],
)
def test_a_tracker_is_recognised_only_by_what_it_alone_has(url, slug):
    """/postback?cid= is what many have; nobody is guessed from it."""
    found = gallery.index().recognise(parse(url))
    assert (found.slug if found else None) == slug


ENTRY = {
    "name": "Alice's own",
    "kind": "tracker",
    "base": "https://trk.example.net/in",
    "click_macro": "{visit}",
    "parameters": [
        {"name": "v", "role": "click", "sent": True},
        {"name": "p", "role": "payout", "sent": True},
    ],
}


def test_an_entry_of_ones_own_works_like_the_others():
    """Alice wrote her tracker herself."""
    made = generate(read_tracker("own", ENTRY), LINK)
    assert (made.link, made.postback) == (
        f"{LINK}?sub1={{visit}}",
        "https://trk.example.net/in?v={sub1}&p={payout}",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"kind": "car"},
        {"base": 1},
        {"colour": "red"},
        {"parameters": []},
        {"parameters": [{"name": "v", "role": "nothing"}]},
        {"parameters": [{"role": "click"}]},
    ],
)
def test_a_wrong_entry_is_refused_with_its_name(wrong):
    """Whoever writes one is told which file and what."""
    with pytest.raises(ValueError, match="own"):
        read_tracker("own", ENTRY | wrong)


def test_a_tracker_without_parameters_has_no_click_parameter():
    """Nothing is made up."""
    bare = replace(gallery.trackers()["voluum"], parameters=())
    assert isinstance(bare, Tracker)
    assert (bare.click_param, bare.has(Role.CLICK), bare.role_of("cid")) == ("", False, None)


def test_the_page_is_made_of_the_files():
    """`python -m tests.lint.gallery_page` brings docs/gallery.md up to date."""
    assert PAGE.read_text(encoding="utf-8") == render()
