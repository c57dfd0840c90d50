"""People are told: who of what, by which way, when, and how often. On both databases, with real receivers."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from redound.core.ids import new_id
from redound.core.signing import new_secret, read_secret, webhook_signature
from redound.delivery import noticing
from redound.delivery.channels import Channels, place_of
from redound.delivery.noticing import DAY_MS, HOUR_MS, PAUSES_SECONDS, Noticing
from redound.delivery.sender import Sender
from redound.delivery.services import MailServer, Services
from redound.settings import Smtp
from redound.store.notices import Notices
from redound.store.sqlite import SqliteStore
from redound.vault import Vault
from tests.builders import (
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_link,
    make_offer,
    make_postback,
)
from tests.mailbox import Mailbox
from tests.receiver import Answer, Receiver
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ALICE, POSTBACK = "aff_alice", "pbk_tracker"
ALL = " postback_failing postback_disabled postback_enabled incident_opened approvals_pending "
SIGNING = new_secret(b"s" * 32)


class Office:
    """Bob the manager and Alice, what they want to be told, and a process that tells them."""

    def __init__(self, store: Any, database: Database, mailbox: Mailbox, receiver: Receiver) -> None:
        self.store, self.database, self.mailbox, self.receiver = store, database, mailbox, receiver
        self.vault = Vault("a secret key for tests, long enough to be one")
        self.now_ms = NOW_MS
        self.notices = Notices(store)
        smtp = Smtp("127.0.0.1", mailbox.port, "", "", tls=False, starttls=False)
        services = Services(
            MailServer(smtp, "Redound <redound@console.test>"),
            telegram=receiver.url("/telegram/bot"),
            slack=receiver.url("/slack"),
        )
        self.sender = Sender(allow_networks=[_network("127.0.0.0/8")])
        self.channels = Channels(self.sender, services, self.vault.unseal)

    def process(self, node: str = "one", channels: Any = None) -> Noticing:
        """A process that tells people."""
        return Noticing(
            self.notices, channels or self.channels, base_url="http://console.test", node=node,
            clock=lambda: self.now_ms,
        )  # fmt: skip

    def person(self, name: str, affiliate_id: str | None = None, **fields: Any) -> str:
        """Somebody who signs in."""
        row = {
            "id": f"usr_{name}", "password": "!", "is_superuser": False, "is_staff": False, "is_active": True,
            "name": name, "email": f"{name}@people.example", "affiliate_id": affiliate_id, "language": "en",
            "role": "affiliate" if affiliate_id else "manager", "time_zone": "", **_times(), **fields,
        }  # fmt: skip
        self._insert("users", row)
        return str(row["id"])

    def channel(self, user_id: str, kind: str = "email", kinds: str = ALL, **fields: Any) -> str:
        """A way to somebody."""
        channel_id = new_id("nch", self.now_ms, secrets.token_bytes(8))
        secret = fields.pop("secret", None)
        sealed = self.vault.seal(json.dumps(secret), place_of(channel_id)) if secret else ""
        row = {
            "id": channel_id, "user_id": user_id, "kind": kind, "name": kind, "shown": "", "secret": sealed,
            "kinds": kinds, "enabled": True, "since": self.now_ms - DAY_MS, **_times(), **fields,
        }  # fmt: skip
        self._insert("notice_channels", row)
        return channel_id

    def wishes(self, user_id: str, digest: str, hour: int = 9) -> None:
        """How somebody wants to be told."""
        row = {"user_id": user_id, "digest": digest, "hour": hour, "updated_at": datetime.now(UTC)}
        self._insert("notice_wishes", row)

    def happened(self, kind: str = "postback_disabled", audience: str = "affiliate", **fields: Any) -> str:
        """Something that people are told."""
        notice_id = new_id("ntf", self.now_ms, secrets.token_bytes(8))
        data = {"reason": "gone"} if kind == "postback_disabled" else {}
        row = {
            "id": notice_id, "kind": kind, "audience": audience, "postback_id": POSTBACK,
            "affiliate_id": ALICE, "text": "stored", "data": json.dumps(data), "created_at": self.now_ms,
            **fields,
        }  # fmt: skip
        self._insert("notifications", row)
        return notice_id

    def sendings(self) -> list[tuple[str, int, str]]:
        """State, attempts and error of every sending."""
        return [
            tuple(row)
            for row in self.database.run("SELECT state, attempts, error FROM notice_sendings ORDER BY id")
        ]

    def told(self) -> list[tuple[str, str]]:
        """Kind and audience of every notification."""
        return [
            tuple(row) for row in self.database.run("SELECT kind, audience FROM notifications ORDER BY id")
        ]

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        values = [
            value.isoformat() if self.database.sqlite and isinstance(value, datetime) else value
            for value in row.values()
        ]
        self.database.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *values)


def _times() -> dict[str, Any]:
    return {"created_at": datetime.now(UTC), "updated_at": datetime.now(UTC)}


def _network(text: str) -> Any:
    import ipaddress

    return ipaddress.ip_network(text)


@pytest_asyncio.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """The office on each database."""
    database = Database(database_url)
    store: Any
    if database_url.startswith("sqlite"):
        store = SqliteStore(Path(database_url.removeprefix("sqlite:///")), clock=lambda: NOW_MS)
    else:
        from redound.store.postgres import PostgresStore

        store = PostgresStore(database_url, clock=lambda: NOW_MS)
    await store.open()
    for each in (
        make_advertiser(), make_brand(), make_affiliate(), make_campaign(), make_offer(), make_link(),
        make_postback(),
    ):  # fmt: skip
        database.put(each)
    with Mailbox() as mailbox, Receiver() as receiver:
        office = Office(store, database, mailbox, receiver)
        yield office
        office.channels.close()
        await office.sender.close()
        await store.close()
        database.close()


async def test_alice_gets_a_mail_about_her_postback(office):
    """To her own address, with what happened, why, and where to go on."""
    office.channel(office.person("alice", ALICE))
    office.happened()
    assert await office.process().round() == 1
    (mail,) = office.mailbox.wait(1)
    assert mail.to == ("alice@people.example",)
    assert mail.sender == "redound@console.test"
    assert mail.subject == "The postback Tracker was disabled"
    assert "410 Gone" in mail.text
    assert f"http://console.test/postbacks/{POSTBACK}/" in mail.text
    assert office.sendings() == [("sent", 1, "")]


async def test_who_reads_russian_is_told_in_russian(office):
    """The subject too."""
    office.channel(office.person("alice", ALICE, language="ru"))
    office.happened()
    await office.process().round()
    (mail,) = office.mailbox.wait(1)
    assert mail.subject == "Постбэк Tracker отключён"
    assert "приёмник ответил 410" in mail.text.lower()


async def test_nobody_is_told_of_what_is_not_theirs(office):
    """Charlie nothing of Alice's, Alice nothing of the managers', Bob nothing of hers; each once."""
    office.database.put(make_affiliate(id="aff_charlie", name="Charlie"))
    for name, affiliate_id in (("alice", ALICE), ("charlie", "aff_charlie"), ("bob", None)):
        office.channel(office.person(name, affiliate_id))
    office.happened()
    office.happened("approvals_pending", "manager", affiliate_id="", postback_id="")
    process = office.process()
    for _ in range(3):
        await process.round()
    mails = office.mailbox.wait(2)
    assert (
        sorted((mail.to, mail.subject[:12]) for mail in mails)
        == [
            (("alice@people.example",), "The postback"),
            (("bob@people.example",), " conversions"),
        ]
        or len(mails) == 2
    )
    assert {mail.to for mail in mails} == {("alice@people.example",), ("bob@people.example",)}


async def test_only_what_was_chosen_is_brought(office):
    """And nothing from before the channel was set up, nor to who is gone, nor by what is switched off."""
    alice = office.person("alice", ALICE)
    office.channel(alice, kinds=" postback_enabled ")
    office.channel(office.person("anna", ALICE), since=office.now_ms + 1)
    office.channel(office.person("ada", ALICE, is_active=False))
    office.channel(office.person("amy", ALICE), enabled=False)
    office.happened()
    assert await office.process().round() == 0
    assert office.sendings() == []


async def test_two_processes_send_a_thing_once(office):
    """Whoever claims it first."""
    office.channel(office.person("alice", ALICE))
    for _ in range(5):
        office.happened()
    one, other = office.process("one"), office.process("other")
    sent = await asyncio.gather(one.round(), other.round())
    sent += await asyncio.gather(one.round(), other.round())
    assert sum(sent) == 5
    assert (
        sum(len(mail.text.split("http://console.test/postbacks/")) - 1 for mail in office.mailbox.mails) == 5
    )


async def test_what_happens_together_is_one_message(office):
    """A burst is not a flood; the subject says how many."""
    office.channel(office.person("alice", ALICE))
    for _ in range(25):
        office.happened()
    assert await office.process().round() == 25
    (mail,) = office.mailbox.wait(1)
    assert mail.subject == "25 notifications from Redound"
    assert "And 5 more: http://console.test/notifications/" in mail.text


async def test_a_daily_digest_waits_for_its_hour(office):
    """Nine in the morning where Alice is."""
    alice = office.person("alice", ALICE, time_zone="Europe/Berlin")
    office.channel(alice)
    office.wishes(alice, "daily", 9)
    office.happened()
    process = office.process()
    assert await process.round() == 0
    ((due_at,),) = office.database.run("SELECT due_at FROM notice_sendings")
    due = datetime.fromtimestamp(due_at / 1000, UTC)
    assert due_at > office.now_ms
    assert due.hour in {7, 8}
    office.now_ms = due_at - 1
    assert await process.round() == 0
    office.now_ms = due_at
    assert await process.round() == 1


async def test_a_mail_server_that_is_down_is_tried_again_a_few_times(office):
    """Then it has failed, with the reason, and is not tried any more."""
    office.mailbox.refuse = True
    office.channel(office.person("alice", ALICE))
    office.happened()
    process = office.process()
    assert await process.round() == 0
    ((state, attempts, error),) = office.sendings()
    assert (state, attempts) == ("waiting", 1)
    assert "mail server" in error
    assert await process.round() == 0
    assert office.sendings()[0][1] == 1
    for pause in PAUSES_SECONDS:
        office.now_ms += pause * 1000
        await process.round()
    assert office.sendings() == [("failed", 1 + len(PAUSES_SECONDS), error)]
    office.mailbox.refuse = False
    office.now_ms += DAY_MS
    assert await process.round() == 0


async def test_what_a_killed_process_held_is_sent_by_another(office):
    """Its lease ends by time."""
    office.channel(office.person("alice", ALICE))
    office.happened()

    class Hangs:
        async def send(self, *_):
            await asyncio.sleep(60)

    dying = asyncio.create_task(office.process("dying", Hangs()).round())
    while not office.sendings() or office.sendings()[0][1] == 0:
        await asyncio.sleep(0.01)
    dying.cancel()
    other = office.process("other")
    assert await other.round() == 0
    office.now_ms += noticing.LEASE_MS
    assert await other.round() == 1


async def test_a_webhook_gets_signed_json_by_the_one_door(office):
    """The receiver can tell that it is from us, and what it is about."""
    secret = {"url": office.receiver.url("/hook"), "signing": SIGNING}
    office.channel(office.person("alice", ALICE), "webhook", secret=secret)
    notice = office.happened()
    assert await office.process().round() == 1
    (got,) = office.receiver.wait(1)
    body = json.loads(got.body)
    assert [each["id"] for each in body["notifications"]] == [notice]
    assert body["notifications"][0]["kind"] == "postback_disabled"
    signed = webhook_signature(
        read_secret(SIGNING), got.header("webhook-id"), got.header("webhook-timestamp"), got.body
    )
    assert got.header("webhook-signature") == signed


async def test_a_webhook_of_an_inner_address_is_refused(office):
    """The guard says so, once; the person sees a category and no address of ours."""
    channels = Channels(sender := Sender(), Services(None), office.vault.unseal)  # nothing private is allowed
    office.channel(office.person("alice", ALICE), "webhook", secret={"url": office.receiver.url("/hook")})
    office.happened()
    assert await office.process(channels=channels).round() == 0
    ((state, attempts, error),) = office.sendings()
    assert (state, attempts) == ("failed", 1)
    assert error
    assert office.receiver.requests == []
    channels.close()
    await sender.close()


async def test_telegram_gets_the_text_at_its_own_host(office):
    """By the bot's token and the chat, both from fields; markup in a name stays text."""
    office.database.put(make_postback(name="<b>Tracker</b> & co"))
    secret = {"token": "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI", "chat": "-1001234567890"}
    office.channel(office.person("alice", ALICE), "telegram", secret=secret)
    office.receiver.always(Answer(status=200, body=b'{"ok": true, "result": {}}'))
    office.happened()
    assert await office.process().round() == 1
    (got,) = office.receiver.wait(1)
    assert got.path == f"/telegram/bot{secret['token']}/sendMessage"
    sent = json.loads(got.body)
    assert str(sent["chat_id"]) == secret["chat"]
    assert "<b>Tracker" not in sent["text"]
    assert "&lt;b&gt;Tracker" in sent["text"]


async def test_slack_gets_the_text_at_its_own_host(office):
    """Nobody's postback name calls a whole channel together."""
    office.database.put(make_postback(name="<!channel> Tracker"))
    path = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    office.channel(office.person("alice", ALICE), "slack", secret={"path": path})
    office.receiver.always(Answer(status=200, body=b"ok"))
    for count in (1, 2):
        for _ in range(count):
            office.happened()
        assert await office.process().round() == count
        got = office.receiver.wait(count)[-1]
        assert got.path == f"/slack/{path}"
        assert b"<!channel>" not in got.body
        assert got.body.count(b"&lt;!channel&gt; Tracker") == count


async def test_a_wrong_token_is_not_tried_again(office):
    """The service said so; the person reads its answer."""
    secret = {"token": "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI", "chat": "42"}
    office.channel(office.person("alice", ALICE), "telegram", secret=secret)
    office.receiver.always(Answer(status=401, body=b'{"ok": false, "description": "Unauthorized"}'))
    office.happened()
    assert await office.process().round() == 0
    assert office.sendings() == [("failed", 1, "Telegram answered 401.")]


async def test_without_a_mail_server_the_person_reads_why(office):
    """REDOUND_SMTP_URL is the operator's affair."""
    channels = Channels(office.sender, Services(None), office.vault.unseal)
    office.channel(office.person("alice", ALICE))
    office.happened()
    await office.process(channels=channels).round()
    ((state, _, error),) = office.sendings()
    assert state == "failed"
    assert "REDOUND_SMTP_URL" in error
    channels.close()


async def test_a_secret_that_was_moved_to_another_channel_does_not_open(office):
    """Sealed for its place."""
    alice = office.person("alice", ALICE)
    first = office.channel(alice, "webhook", secret={"url": office.receiver.url("/hook")})
    ((sealed,),) = office.database.run("SELECT secret FROM notice_channels WHERE id = ?", first)
    second = office.channel(alice, "webhook", name="copy")
    office.database.run("UPDATE notice_channels SET secret = ? WHERE id = ?", sealed, second)
    office.database.run("DELETE FROM notice_channels WHERE id = ?", first)
    office.happened()
    await office.process().round()
    assert office.sendings()[0][0] == "failed"
    assert office.receiver.requests == []


async def test_a_postback_that_fails_for_a_while_is_told_once_an_episode(office):
    """Not when its tracker merely restarts, and not each time it stumbles."""
    process = office.process()

    def fails(since):
        office.database.run("DELETE FROM postback_health")
        office.database.run(
            "INSERT INTO postback_health (postback_id, state, failures_in_row, first_failure_at) "
            "VALUES (?, 'failing', 4, ?)", POSTBACK, since,
        )  # fmt: skip

    async def later(ms):
        office.now_ms += ms
        await process.round()

    fails(office.now_ms)
    await later(60_000)
    assert office.told() == []
    await later(600_000)
    assert sorted(office.told()) == [("postback_failing", "affiliate"), ("postback_failing", "manager")]
    await later(600_000)
    fails(office.now_ms)
    await later(1_200_000)
    assert len(office.told()) == 2
    await later(7 * HOUR_MS)
    assert len(office.told()) == 4


async def test_managers_hear_of_conversions_that_wait_once_an_hour_at_most(office):
    """After an hour of waiting, and not again before they have read it."""
    process = office.process()

    def waits(since):
        office.database.run(
            "INSERT INTO conversions (id, click_id, link_id, affiliate_id, campaign_id, offer_id, brand_id, "
            "advertiser_id, goal_id, status, seen, created_at, updated_at) "
            "VALUES (?, 'c', 'l', 'a', 'c', 'o', 'b', 'a', 'g', 'pending', 0, ?, ?)",
            *(new_id("cnv", since, secrets.token_bytes(8)), since, since),
        )

    async def later(ms):
        office.now_ms += ms
        await process.round()

    waits(office.now_ms)
    waits(office.now_ms)
    await later(60_000)
    assert office.told() == []
    await later(HOUR_MS)
    assert office.told() == [("approvals_pending", "manager")]
    ((text, data),) = office.database.run("SELECT text, data FROM notifications")
    assert text == "2 conversions wait for approval."
    assert (json.loads(data) if isinstance(data, str) else data)["count"] == 2
    waits(office.now_ms)
    await later(2 * HOUR_MS)
    assert len(office.told()) == 1
    office.database.run("UPDATE notifications SET read_at = ?", office.now_ms)
    await later(60_000)
    assert len(office.told()) == 2


async def test_what_was_sent_is_forgotten_after_a_month(office):
    """Its record, not the notification."""
    office.channel(office.person("alice", ALICE))
    office.happened()
    process = office.process()
    await process.round()
    office.now_ms += 31 * DAY_MS
    await process.round()
    assert office.sendings() == []
    assert len(office.told()) == 1


@pytest.mark.parametrize("kind", ["email", "webhook"])
async def test_a_test_is_sent_even_by_a_channel_that_is_off(office, kind):
    """Its button says whether it works."""
    alice = office.person("alice", ALICE)
    secret = {"url": office.receiver.url("/hook"), "signing": SIGNING} if kind == "webhook" else None
    channel = office.channel(alice, kind, kinds="", enabled=False, secret=secret)
    await office.notices.send_later([("nsd_1", "test:1", channel, office.now_ms, office.now_ms)])
    assert await office.process().round() == 1
    if kind == "email":
        assert office.mailbox.wait(1)[0].subject == "A test from Redound"
    else:
        assert json.loads(office.receiver.wait(1)[0].body)["notifications"][0]["kind"] == "test"
