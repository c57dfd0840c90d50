"""The story in its order, and what the diagnosis is about when one thing is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redound.core.deliveries import DeliveryState
from redound.core.reports import Verdict
from redound.core.states import Status
from redound.core.trace.causes import MAX_SHOWN
from redound.core.trace.diagnosing import diagnose
from redound.core.trace.facts import Asked, Kind
from redound.core.trace.page import troubleshooting
from redound.core.trace.rules.answers import says, words_of
from redound.core.trace.rules.clicks import slots_of
from redound.core.trace.story import tell
from tests.builders import NOW_MS, make_conversion, make_postback
from tests.core.examples import WELL
from tests.core.stories import (
    MINUTE_MS,
    a_delivery,
    a_report,
    an_attempt,
    answered,
    converted,
    evaluated,
    sent,
)
from tests.docs.pages import page


def test_the_story_follows_the_conversion():
    """Click, report, conversion, postback, attempt, delivered: by time, then by what follows from what."""
    assert [event.kind for event in tell(WELL)] == [
        *("click", "report", "conversion", "fired", "attempt", "delivered")
    ]
    assert [event.at for event in tell(WELL)] == sorted(event.at for event in tell(WELL))


def test_the_story_speaks_both_languages():
    """Nothing is left to fill in."""
    facts = sent(
        a_delivery(DeliveryState.RETRYING, an_attempt(500, "down"), next_at=NOW_MS + MINUTE_MS),
        evaluated=(evaluated(), evaluated("goal_not_listed", "pbk_gone")),
    )
    for event in tell(facts):
        assert event.text("en") != event.text("ru")
        assert "{" not in event.text("en") + event.text("ru")
    assert tell(facts)[-1].kind == "waiting"
    assert "500 down" in next(event.text() for event in tell(facts) if event.kind == "attempt")


def test_a_question_about_one_conversion_is_not_answered_with_another():
    """Registration was delivered; Alice asks for the deposit."""
    deposit = make_conversion(id="cnv_2", goal_id="gol_deposit", status=Status.PENDING)
    facts = replace(
        WELL,
        conversions=(*WELL.conversions, deposit),
        evaluated=(*WELL.evaluated, evaluated("status_not_listed", conversion_id="cnv_2")),
    )
    about = {each: Asked(each, Kind.CONVERSION, each) for each in ("cnv_1", "cnv_2")}
    assert diagnose(replace(facts, asked=about["cnv_1"]))[0].code == "delivered"
    assert diagnose(replace(facts, asked=about["cnv_2"]))[0].code == "status_pending"


def test_a_question_about_a_repeated_report_is_answered():
    """The first sale was delivered; the second one's txid was refused as a duplicate."""
    again = a_report(Verdict.DUPLICATE, id="rpt_2", txid="T-2", conversion_id="cnv_1", at=NOW_MS)
    facts = replace(WELL, reports=(*WELL.reports, again))
    assert diagnose(facts)[0].code == "delivered"
    assert diagnose(replace(facts, asked=Asked("rpt_2", Kind.REPORT, "rpt_2")))[0].code == "report_duplicate"
    assert diagnose(replace(facts, asked=Asked("T-2", Kind.TXID)))[0].code == "report_duplicate"


def test_a_question_about_one_delivery_is_about_that_one():
    """Another postback of the conversion failed."""
    failed = a_delivery(DeliveryState.FAILED, an_attempt(500), id="dlv_2")
    facts = replace(WELL, deliveries=(*WELL.deliveries, failed))
    assert diagnose(facts)[0].code == "receiver_error"
    asked = Asked("dlv_1", Kind.DELIVERY, "dlv_1")
    assert [each.code for each in diagnose(replace(facts, asked=asked))] == ["delivered"]


def test_a_failing_attempt_that_is_repeated_says_so():
    """Alice need not do anything about the next try."""
    [found, *_] = diagnose(answered(500))
    assert found.remedy().endswith("next at 2026-11-20 12:01 UTC.")
    assert "2026-11-20 12:01 UTC" in found.remedy("ru")
    gave_up = sent(a_delivery(DeliveryState.FAILED, an_attempt(500)))
    assert "again by itself" not in diagnose(gave_up)[0].remedy()


def test_foreign_texts_are_cut():
    """A page of a megabyte does not become a sentence."""
    [found, *_] = diagnose(answered(200, "error " + "x" * 100_000))
    assert all(len(str(value)) <= MAX_SHOWN + 1 for value in found.evidence.values())


@pytest.mark.parametrize(
    "body",
    [
        *("OK", "1", "", "success", "Conversion recorded", '{"status":"ok"}', '{"success":true,"errors":[]}'),
        *('{"error":null,"code":0}', '{"error": false}', "no errors", "Errors: 0", '{"message":""}'),
        *("saved with 0 errors", "<xml><result>ok</result></xml>", '{"error_code":0,"message":"done"}'),
    ],
)
def test_an_answer_that_is_well_raises_no_alarm(body: str):
    """A rule that cries wolf is switched off."""
    assert says(body) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('SubID not found "abc"', "click_unknown_to_tracker"),
        ('Incorrect subid "". Postback ignored.', "click_unknown_to_tracker"),
        ("Click ID not found", "click_unknown_to_tracker"),
        ("unknown click", "click_unknown_to_tracker"),
        ('{"error":"click_id is invalid"}', "click_unknown_to_tracker"),
        ("Conversion already exists", "answered_duplicate"),
        ("DUPLICATE", "answered_duplicate"),
        ('{"success":false}', "answered_error"),
        ('{"status":"error","error":"wrong key"}', "answered_error"),
        ("Access denied", "answered_error"),
    ],
)
def test_words_that_say_no_are_heard(body: str, code: str):
    """A 2xx proves nothing."""
    found = says(body)
    assert found is not None
    assert found.code == code


def test_words_are_shown_without_tags_and_control_characters():
    """On one line, safe for a terminal."""
    body = "<html><script>alert(1)</script><b>Not\x1b[31m  found</b>\n</html>"
    assert words_of(body) == "Not [31m found"


def test_a_long_hostile_answer_is_read_in_no_time():
    """64 KiB of almost-tags and almost-words."""
    for body in ("<" * 65_536, "<script" * 9_000, "click id " * 7_000, "error: " * 9_000, "\n" * 65_536):
        says(body)
        words_of(body)


def test_the_slots_of_a_postback_are_those_of_all_its_templates():
    """URL, parameters, body; aliases count as what they stand for."""
    assert slots_of(make_postback(url="https://t.example.com/?a={aff_sub}&b={param.clickid}")) == (
        *("sub1", "clickid"),
    )
    assert slots_of(make_postback(url="https://t.example.com/", body='{"cid": "{sub3|upper}"}')) == ("sub3",)
    assert slots_of(make_postback(url="https://t.example.com/?p={payout}")) == ()


def test_an_archived_postback_is_not_blamed_for_its_slots():
    """What is not sent is not diagnosed before it is known to be sent."""
    assert "sub_missing" not in [each.code for each in diagnose(converted(postbacks={}))]


def test_the_page_is_the_one_that_the_rules_make():
    """docs/troubleshooting.md is generated; write it again with `troubleshooting()` after a change."""
    assert page("docs/troubleshooting.md").text == troubleshooting()


def test_every_cause_has_its_heading():
    """A link from the diagnosis leads to it."""
    from redound.core.trace.order import CAUSES

    anchors = page("docs/troubleshooting.md").anchors
    assert {cause.anchor.partition("#")[2] for cause in CAUSES.values()} <= anchors
