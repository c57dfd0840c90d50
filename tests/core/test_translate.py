# ruff: noqa: E501
# One line a platform.
"""Translating: URLs of other platforms become ours and back; what has no counterpart is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.dialects import DIALECTS, recognise
from redound.core.parsing import parse
from redound.core.translate import UnknownPlatformError, from_ours, to_ours, translate

PB = "https://tracker.example.com/pb"

# Each platform's URL, as its documentation writes macros, and the same in ours.
PAIRS = {
    "trackdesk": ("?cid={affS1}&s={affS2}&p={payout}&n={cid}&t={externalId}", "?cid={sub1}&s={sub2}&p={payout}&n={click_id}&t={txid}"),
    "everflow": ("?cid={sub1}&s={sub2}&p={payout}&e={event_name}&n={transaction_id}&t={order_id}", "?cid={sub1}&s={sub2}&p={payout}&e={goal_name}&n={click_id}&t={txid}"),
    "tune": ("?cid={aff_sub}&s={aff_sub2}&p={payout}&g={goal_ref}&n={transaction_id}&t={adv_sub}", "?cid={sub1}&s={sub2}&p={payout}&g={goal}&n={click_id}&t={txid}"),
    "affise": ("?cid={sub1}&s={sub8}&p={sum}&g={goal}&st={status}&t={transactionid}", "?cid={sub1}&s={sub8}&p={payout}&g={goal}&st={status}&t={txid}"),
    "trackier": ("?cid={p1}&s={p3}&p={payout}&g={goal_value}&n={click_id}&t={txn_id}", "?cid={sub1}&s={sub3}&p={payout}&g={goal}&n={click_id}&t={txid}"),
    "cake": ("?cid=#s2#&s=#s1#&p=#price#&n=#reqid#&t=#tid#", "?cid={sub2}&s={sub1}&p={payout}&n={click_id}&t={txid}"),
    "swaarm": ("?cid=#{click.publisher.clickId}&p=#{payout.theyGetInDollars}&st=#{status.state}&g=#{eventType.name}", "?cid={sub1}&p={payout}&st={status}&g={goal}"),
    "impact": ("?cid={SubId1}&s={SubId2}&p={Payout}&st={Status}&g={ActionTrackerName}&t={OrderId}", "?cid={sub1}&s={sub2}&p={payout}&st={status}&g={goal_name}&t={txid}"),
    "katalys": ("?cid={aff_sub1}&s={aff_sub2}&p={payout}&st={conversion_status}&g={action_type}&n={transaction_id}", "?cid={sub1}&s={sub2}&p={payout}&st={status}&g={goal}&n={click_id}"),
    "referon": ("?cid={clickid}&s={var2}&n={fluid}", "?cid={sub1}&s={sub2}&n={click_id}"),
}  # fmt: skip
PLATFORM = pytest.mark.parametrize("platform", PAIRS)


def test_every_platform_has_a_pair():
    """The table above is complete."""
    assert set(PAIRS) == set(DIALECTS)


@PLATFORM
def test_a_platforms_url_becomes_ours(platform):
    """Alice moves from another network and brings her URL."""
    theirs, ours = PAIRS[platform]
    done = to_ours(PB + theirs, platform)
    assert (done.url, done.unmapped) == (PB + ours, ())


@PLATFORM
def test_the_platform_is_recognised(platform):
    """Without being told; the likeliest comes first."""
    theirs, ours = PAIRS[platform]
    done = to_ours(PB + theirs)
    assert done.candidates[0].platform == platform
    assert 0 < done.candidates[0].confidence <= 1
    assert done.url == PB + ours


@PLATFORM
def test_ours_becomes_a_platforms(platform):
    """And moves back again."""
    theirs, ours = PAIRS[platform]
    done = from_ours(PB + ours, platform)
    assert (done.url, done.unmapped) == (PB + theirs, ())


@given(st.sampled_from(sorted(DIALECTS)), st.data())
def test_there_and_back_is_the_same(platform, data):
    """Every macro of ours that a platform has returns as it was."""
    names = sorted({name for name in DIALECTS[platform].names.values() if not name.startswith("param.")})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=6))
    ours = PB + "?" + "&".join(f"a{number}={{{name}}}" for number, name in enumerate(chosen))
    there = from_ours(ours, platform)
    assert there.unmapped == ()
    assert to_ours(there.url, platform).url == ours


def test_what_has_no_counterpart_stays_and_is_listed():
    """Everflow has no status; CAKE has no sixth slot."""
    done = from_ours(f"{PB}?cid={{sub1}}&st={{status}}", "everflow")
    assert (done.url, done.unmapped) == (f"{PB}?cid={{sub1}}&st={{status}}", ("{status}",))
    assert from_ours(f"{PB}?s={{sub6}}", "cake").unmapped == ("{sub6}",)
    assert to_ours(f"{PB}?cid=#s2#&x=#nope#", "cake").unmapped == ("#nope#",)


def test_another_platforms_macro_is_not_taken_for_this_ones():
    """{aff_sub} is TUNE's; in a CAKE URL it means nothing."""
    assert to_ours(f"{PB}?cid=#s2#&x={{aff_sub}}", "cake").unmapped == ("{aff_sub}",)


def test_between_two_platforms():
    """From CAKE to Trackier through ours."""
    done = translate(f"{PB}?cid=#s2#&p=#price#", "cake", "trackier")
    assert done.url == f"{PB}?cid={{p2}}&p={{payout}}"


def test_an_unsure_recognition_names_several():
    """{payout} alone says little; nothing is claimed."""
    found = recognise(parse(f"{PB}?p={{transaction_id}}").macros)
    assert {each.platform for each in found} == {"everflow", "tune", "katalys"}
    assert max(each.confidence for each in found) < 0.5


def test_styles_that_no_known_platform_has_are_understood_by_their_names():
    """[CLICKID] is the sender's click ID, %payout% the payout; slots keep their number."""
    done = to_ours(f"{PB}?c=[CLICKID]&p=%payout%&s={{{{status}}}}&x=%subid3%&y=[nonsense]")
    assert done.url == f"{PB}?c={{sub1}}&p={{payout}}&s={{status}}&x={{sub3}}&y=[nonsense]"
    assert (done.platform, done.unmapped) == ("", ("[nonsense]",))


def test_ours_stays_ours():
    """A URL with our macros is recognised and left alone, modifiers included."""
    url = f"{PB}?cid={{sub1|upper}}&p={{payout}}&t={{conversion_id}}&s={{status}}"
    done = to_ours(url)
    assert (done.url, done.platform, done.unmapped) == (url, "redound", ())


def test_referons_two_parameters_are_kept_apart():
    """The click ID takes the first slot, so var1 stays the parameter of the link that it is."""
    done = to_ours(f"{PB}?c={{clickid}}&v={{var1}}&o={{anything}}", "referon")
    assert done.url == f"{PB}?c={{sub1}}&v={{param.var1}}&o={{param.anything}}"


def test_modifiers_are_lost_with_a_note():
    """No other platform has them."""
    done = from_ours(f"{PB}?p={{payout|int}}", "cake")
    assert done.url == f"{PB}?p=#price#"
    assert "{payout|int}" in done.notes[0]


def test_an_encoded_macro_is_translated_too():
    """A tool had encoded CAKE's signs."""
    assert to_ours(f"{PB}?cid=%23s2%23", "cake").url == f"{PB}?cid={{sub2}}"


def test_an_unknown_platform_is_named_with_those_that_there_are():
    """Alice mistypes it."""
    with pytest.raises(UnknownPlatformError, match="cake"):
        to_ours(PB, "coke")


@given(st.text(max_size=80))
def test_any_string_can_be_translated(text):
    """There is no string that it fails on."""
    to_ours(text)
    from_ours(text, "cake")
