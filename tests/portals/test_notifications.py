"""Alice and Bob read what happened, and choose how they are told."""

from __future__ import annotations

import re

import pytest

from tests.console.traffic import disable
from tests.portals.browsing import Browser, person
from tests.portals.managing import alices, bobs, follow

HOOK = "http://127.0.0.1:9000/hook"
TOKEN = "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"


@pytest.fixture
def disabled(world) -> str:
    """Alice's postback, disabled: she and Bob were told."""
    postback = world.make_postback(name="My <b>tracker</b>")["id"]
    disable(postback)
    return postback


def bell(page: str) -> str:
    """What the bell of a page says."""
    return re.search(r'class="btn g icon bell"[^>]*aria-label="([^"]*)"', page)[1]


def the_channel():
    """The only channel there is."""
    from redound.console.notices.models import Channel

    return Channel.objects.get()


def test_the_bell_counts_and_the_list_tells(world, disabled):
    """Alice sees why, in words, with the name as text; Bob sees his own; Charlie sees nothing."""
    for browser, root in ((alices(world), ""), (bobs(world), "/manage")):
        page = browser.text(f"{root}/notifications/")
        assert bell(page) == "1 unread notification"
        assert "The postback My &lt;b&gt;tracker&lt;/b&gt; was disabled" in page
        assert page.count("data-id=") == 1
    person(world, "charlie@example.com", "Charlie", affiliate_id=world.charlie_id)
    page = Browser("charlie@example.com").text("/notifications/")
    assert bell(page) == "Notifications"
    assert "Nothing has happened yet" in page


def test_it_is_told_in_the_reader_s_language(world, disabled):
    """Title and sentences, not the frame alone."""
    person(world, "anna@example.com", "Anna", affiliate_id=world.alice_id, language="ru")
    page = Browser("anna@example.com").text("/notifications/")
    assert "отключён" in page
    assert "Уведомления" in page


def test_opening_one_reads_it_and_leads_to_what_it_is_about(world, disabled):
    """Once read the bell is quiet."""
    alice = alices(world)
    link = re.search(r'href="(/notifications/ntf_\w+/)"', alice.text("/notifications/"))[1]
    answer = alice.get(link)
    assert (answer.status_code, answer["Location"]) == (302, f"/postbacks/{disabled}/")
    assert bell(alice.text("/notifications/")) == "Notifications"
    assert "Everything is read" in alice.text("/notifications/?read=false")


def test_mark_all_as_read_goes_up_to_what_was_shown(world, disabled):
    """What came since the page was made stays unread, and other people's are not touched."""
    alice = alices(world)
    until = re.search(r'name="until" value="(\w+)"', alice.text("/notifications/"))[1]
    disable(world.make_postback(name="Second")["id"])
    follow(alice, alice.post("/notifications/read/", {"until": until}))
    assert bell(alice.text("/notifications/")) == "1 unread notification"
    assert bell(bobs(world).text("/manage/notifications/")) == "2 unread notifications"


def test_alice_cannot_read_what_is_the_managers(world, disabled):
    """Neither open it, nor get its row, nor mark up to it."""
    (managers,) = world.bob.get("notifications").ids
    alice = alices(world)
    assert alice.get(f"/notifications/{managers}/").status_code == 404
    assert "data-id" not in alice.text(f"/notifications/rows/?ids={managers}")
    assert alice.post("/notifications/read/", {"until": managers}).status_code == 404
    assert world.bob.see(f"notifications/{managers}")["read_at"] is None


def test_the_list_goes_by_event_and_by_pages(world, disabled):
    """An event that did not happen has none; an unknown one is no filter."""
    alice = alices(world)
    assert "data-id" not in alice.text("/notifications/?event=postback_enabled")
    assert "data-id" in alice.text("/notifications/?event=postback_disabled")
    assert "data-id" in alice.text("/notifications/?event=nonsense")


def test_enabling_a_disabled_postback_is_told_and_enabling_a_sound_one_is_not(world, disabled):
    """Both sides, with who did it."""
    for _ in range(2):
        assert world.alice.post(f"postbacks/{disabled}/enable", {}).status == 200
    told = [each["kind"] for each in world.bob.see("notifications")["data"]]
    assert told == ["postback_enabled", "postback_disabled"]
    assert "was enabled again" in alices(world).text("/notifications/")


def test_bob_sets_up_a_webhook_whose_secret_he_sees_once(world):
    """Its address and secret are sealed; the page shows only where it goes."""
    from redound.console import sealing

    bob = bobs(world)
    answer = bob.post(
        "/manage/notifications/channels/new/webhook/", {"name": "Ops", "url": f"{HOOK}?key=s3cret"}
    )
    made = answer.content.decode()
    secret = re.search(r'id="signing-secret">(whsec_[^<]+)<', made)[1]
    page = bob.text("/manage/notifications/settings/")
    assert "http://127.0.0.1:9000/••••" in page
    for hidden in ("s3cret", secret):
        assert hidden not in page
        assert hidden not in the_channel().secret
    assert "s3cret" in sealing.unseal("notice_channels", the_channel().pk, "secret", the_channel().secret)
    assert "s3cret" not in bob.text("/manage/audit/")


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("webhook", {"url": "http://169.254.169.254/latest/"}, "err"),
        ("webhook", {"url": "file:///etc/passwd"}, "err"),
        ("webhook", {}, "err"),
        ("telegram", {"token": "tgram://evil.example/x", "chat": "1"}, "no bot&#x27;s token"),
        ("telegram", {"token": TOKEN, "chat": "1/../../x"}, "chat&#x27;s number"),
        (
            "slack",
            {"slack_url": "https://evil.example/services/T1/B1/abcdefghi"},
            "no webhook address of Slack",
        ),
    ],
)
def test_what_is_no_address_is_refused_beside_its_field(world, kind, typed, words):
    """And nothing is stored."""
    from redound.console.notices.models import Channel

    answer = bobs(world).post(f"/manage/notifications/channels/new/{kind}/", typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Channel.objects.exists()


def test_a_mail_goes_to_one_s_own_address_alone(world, mail):
    """Whatever the form says; and once."""
    alice = alices(world)
    alice.post("/notifications/channels/new/email/", {"email": "victim@example.com"})
    page = alice.text("/notifications/settings/")
    assert "alice@example.com" in page
    assert "victim" not in page
    again = alice.post("/notifications/channels/new/email/", {})
    assert again.status_code == 422
    assert "a channel already" in again.content.decode()


def test_boxes_say_which_channel_brings_what(world):
    """An affiliate's own events only: a forged box of the managers' is not heeded."""
    alice = alices(world)
    alice.post("/notifications/channels/new/telegram/", {"token": TOKEN, "chat": "-100123"})
    channel = the_channel()
    assert channel.brought >= {"postback_failing", "postback_disabled", "incident_opened"}
    assert "approvals_pending" not in alice.text("/notifications/settings/")
    form = {f"events.{channel.pk}": ["postback_disabled", "approvals_pending"]}
    follow(alice, alice.post("/notifications/settings/events/", form))
    assert the_channel().brought == {"postback_disabled"}


def test_when_to_be_told_is_kept(world):
    """And what is none is refused."""
    alice = alices(world)
    follow(alice, alice.post("/notifications/settings/when/", {"digest": "daily", "hour": "7"}))
    page = alice.text("/notifications/settings/")
    assert '<option value="daily" selected>' in page
    assert '<option value="7" selected>' in page
    assert alice.post("/notifications/settings/when/", {"digest": "yearly"}).status_code == 422


def test_a_channel_is_its_person_s(world):
    """Anna of the same affiliate neither sees nor tests, changes, or deletes Alice's."""
    from redound.console.notices.models import Sending

    alices(world).post("/notifications/channels/new/webhook/", {"url": HOOK})
    channel = the_channel()
    person(world, "anna@example.com", "Anna", affiliate_id=world.alice_id)
    anna = Browser("anna@example.com")
    assert channel.pk not in anna.text("/notifications/settings/")
    for path in ("", "test/", "delete/"):
        answer = anna.post(f"/notifications/channels/{channel.pk}/{path}", {"enabled": "0"})
        assert answer.status_code == 404
    assert the_channel().enabled
    assert not Sending.objects.exists()


def test_a_test_is_queued_and_too_many_are_refused(world):
    """What came of it is asked for until it is known."""
    from redound.console.notices.models import Sending

    alice = alices(world)
    alice.post("/notifications/channels/new/webhook/", {"url": HOOK})
    path = f"/notifications/channels/{the_channel().pk}/test/"
    first = alice.post(path, headers={"HX-Request": "true"})
    assert "on its way" in first.content.decode()
    sending = Sending.objects.get()
    Sending.objects.update(state="failed", error="Nobody <there>.", finished_at=sending.created_at)
    page = alice.text(f"/notifications/channels/{the_channel().pk}/tests/{sending.pk}/")
    assert "Nobody &lt;there&gt;." in page
    assert "Nobody &lt;there&gt;." in alice.text("/notifications/settings/")
    for _ in range(4):
        alice.post(path)
    assert alice.post(path).status_code == 429


def test_switching_off_and_deleting(world):
    """By their buttons."""
    from redound.console.notices.models import Channel

    alice = alices(world)
    alice.post("/notifications/channels/new/webhook/", {"url": HOOK})
    path = f"/notifications/channels/{the_channel().pk}/"
    follow(alice, alice.post(path, {"enabled": "0"}))
    assert not the_channel().enabled
    follow(alice, alice.post(f"{path}delete/"))
    assert not Channel.objects.exists()


def test_who_views_as_alice_reads_nothing_for_her(world, disabled):
    """Bob looks; her bell keeps its number; his channels stay his own affair."""
    bob = bobs(world)
    bob.post(f"/manage/affiliates/{world.alice_id}/view-as/")
    link = re.search(r'href="(/notifications/ntf_\w+/)"', bob.text("/notifications/"))[1]
    assert bob.get(link).status_code == 302
    assert bell(alices(world).text("/notifications/")) == "1 unread notification"
    assert bob.get("/notifications/settings/")["Location"] == "/manage/notifications/settings/"


def test_the_api_marks_all_as_read_up_to_one(world, disabled):
    """Alice's, and nobody else's."""
    disable(world.make_postback(name="Second")["id"])
    newest, oldest = world.alice.get("notifications").ids
    assert world.alice.post("notifications/read", {"until": oldest}).status == 204
    assert world.alice.get("notifications?read=false").ids == [newest]
    assert world.charlie.post("notifications/read", {"until": newest}).status == 404
    assert len(world.bob.get("notifications?read=false").ids) == 2


def test_the_api_does_the_same_for_a_person_s_key(world):
    """Bob's key has channels; Alice's key belongs to no person."""
    made = world.bob.make(
        "notification-channels", kind="webhook", url=HOOK, events=["incident", "import_finished"]
    )
    assert made["signing_secret"].startswith("whsec_")
    path = f"notification-channels/{made['id']}"
    seen = world.bob.see(path)
    assert (seen["events"], seen["shown"]) == (["incident", "import_finished"], "http://127.0.0.1:9000/••••")
    assert "signing_secret" not in seen
    assert world.bob.patch(path, {"enabled": False, "events": []}).json["events"] == []
    assert world.bob.post(f"{path}/test").status == 202
    assert world.bob.see("notification-channels")["data"][0]["last_state"] == "waiting"
    assert world.bob.patch("notification-preferences", {"digest": "daily"}).json == {
        "digest": "daily",
        "hour": 9,
    }
    assert world.bob.post("notification-channels", {"kind": "telegram"}).pointers == ["/token", "/chat"]
    assert world.alice.get("notification-channels").code == "no_person"
    assert world.bob.delete(path).status == 204


def test_bob_is_told_when_an_import_has_finished(world, tmp_path):
    """With what was read and refused; a dry run is no news."""
    from tests.console.imports import run
    from tests.console.traffic import open_click

    text = f"click_id,goal\n{open_click(world)},sale\nnonsense,sale\n"
    run(tmp_path / "september.csv", text, dry_run=True)
    assert world.bob.get("notifications").ids == []
    job = run(tmp_path / "september.csv", text)
    (told,) = world.bob.see("notifications")["data"]
    assert told["text"] == "The import september.csv has finished. Rows read: 2, refused: 1."
    bob = bobs(world)
    assert "The import september.csv has finished" in bob.text("/manage/notifications/")
    assert bob.get(f"/manage/notifications/{told['id']}/")["Location"] == f"/manage/imports/{job.pk}/"
    assert world.alice.get("notifications").ids == []


def test_the_pages_keep_to_their_number_of_queries(world, disabled, queries):
    """However many notifications and channels there are."""
    alice = alices(world)
    for chat in ("-1001", "-1002", "-1003"):
        alice.post("/notifications/channels/new/telegram/", {"token": TOKEN, "chat": chat})
    for number in range(3):
        disable(world.make_postback(name=f"Postback {number}")["id"])
    queries("notifications", lambda: alice.text("/notifications/"))
    queries("notification settings", lambda: alice.text("/notifications/settings/"))
