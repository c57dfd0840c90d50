"""What people read, in both languages, and when."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from redound.core.notices.digests import next_due
from redound.core.notices.kinds import EVENTS, events_for
from redound.core.notices.messages import MOST, compose
from redound.core.notices.telling import Noticed, tell
from redound.core.watch.kinds import Evidence, Kind

KINDS = [kind for kinds in EVENTS.values() for kind in kinds]
FACTS = {
    "reason": "attempts_exhausted",
    "failed_attempts": 25,
    "failures_in_row": 7,
    "last_response": '{"status": 500, "error": {"detail": "Oops."}}',
    "by": "user Bob",
    "count": 3,
    "file": "september.csv",
    "import_id": "imp_1",
    "rows": 9,
    "refused": 2,
    "kind": Kind.DELIVERIES_FAILING.value,
    "incident_id": "inc_1",
    "evidence": asdict(Evidence(hours=3, total=40, hits=20, usual=0.01)),
}


def notice(kind: str, audience: str = "affiliate", **fields) -> Noticed:
    """A notification about Alice's postback."""
    known = {"name": "Keitaro", "postback_id": "pbk_1", "affiliate_id": "aff_1", "data": FACTS} | fields
    return Noticed("ntf_1", kind, audience, "It happened: really.", 0, **known)


def ms(text: str) -> int:
    """Milliseconds of a moment in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("audience", ["manager", "affiliate"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_in_both_languages(kind, audience):
    """Nothing is left to fill in, neither language stands in the other, and there is a page to go to."""
    facts = FACTS | ({"because": "recovered"} if kind == "incident_closed" else {})
    english, russian = (tell(notice(kind, audience, data=facts), each) for each in ("en", "ru"))
    for told in (english, russian):
        assert told.title
        assert "{" not in told.title + told.text
        assert told.path.startswith("/manage/") == (audience == "manager")
    assert any("а" <= letter <= "я" for letter in russian.title.lower())
    assert not any("а" <= letter <= "я" for letter in (english.title + english.text).lower())


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_stored_without_facts_can_be_told_all_the_same(kind, language):
    """Rows from before they were kept."""
    told = tell(notice(kind, name="", data={}), language)
    assert told.title
    assert "None" not in told.title + told.text


def test_a_kind_that_is_not_known_here_says_what_was_stored():
    """A process that was not updated yet."""
    told = tell(notice("something_new"))
    assert (told.title, told.text) == ("It happened", "It happened: really.")


def test_a_title_is_one_line_of_bounded_length():
    """It becomes a mail's subject; a name cannot add a header."""
    told = tell(notice("postback_disabled", name="A\r\nBcc: everybody@example.com\n" + "x" * 500))
    assert told.title.isprintable()
    assert len(told.title) < 200


def test_affiliates_do_not_choose_from_managers_events():
    """Approvals and imports are none of theirs."""
    assert set(events_for("manager")) - set(events_for("affiliate")) == {
        "approvals_pending",
        "import_finished",
    }


def test_one_is_told_by_its_title_and_many_by_their_number():
    """The text of many spells out so many and leads to the rest."""
    one = compose([notice("postback_disabled")], "https://x.example")
    assert one.subject == "The postback Keitaro was disabled"
    assert one.text.startswith("A callback failed 25 attempts")
    assert one.text.endswith("https://x.example/postbacks/pbk_1/")
    many = compose([notice("postback_disabled")] * (MOST + 5), "https://x.example", "ru")
    assert many.subject == f"Уведомлений от Redound: {MOST + 5}"
    assert many.text.count("https://x.example/postbacks/pbk_1/") == MOST
    assert many.text.endswith("И ещё 5: https://x.example/notifications/")
    assert len(many.items) == MOST + 5


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        ("immediately", "2026-11-20T14:30:00", "2026-11-20T14:30:00"),
        ("hourly", "2026-11-20T14:30:00", "2026-11-20T15:00:00"),
        ("hourly", "2026-11-20T14:00:00", "2026-11-20T15:00:00"),
        ("daily", "2026-11-20T05:00:00", "2026-11-20T08:00:00"),
        ("daily", "2026-11-20T08:00:00", "2026-11-21T08:00:00"),
        ("daily", "2026-11-20T09:00:00", "2026-11-21T08:00:00"),
        ("daily", "2026-10-24T12:00:00", "2026-10-25T08:00:00"),
        ("daily", "2026-03-28T12:00:00", "2026-03-29T07:00:00"),
        ("nonsense", "2026-11-20T14:30:00", "2026-11-20T14:30:00"),
    ],
)
def test_when_somebody_in_berlin_is_told(digest, now, due):
    """Nine in the morning stays nine when the clocks change."""
    assert next_due(digest, 9, zoneinfo.ZoneInfo("Europe/Berlin"), ms(now)) == ms(due)
