"""The editor without scripts: a postback from nothing, its mistakes mended, its rule understood."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.portals.browsing import Browser, person

URL = "https://trk.example.com/3f9ab1e/postback?subid={sub1}&status={status}&payout={payout}&currency={currency}"
KEITARO = f"{URL}&tid={{conversion_id}}"


@pytest.fixture
def alice(world) -> Browser:
    """Alice's browser, signed in."""
    person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)
    return Browser("alice@example.com")


@pytest.fixture
def charlie(world) -> Browser:
    """The stranger's."""
    person(world, "charlie@example.com", "Charlie", affiliate_id=world.charlie_id)
    return Browser("charlie@example.com")


@pytest.fixture
def bob(world) -> Browser:
    """The manager's."""
    person(world, "manager@example.com", "Bob")
    return Browser("manager@example.com")


def form(do: str = "activate", **fields: Any) -> dict[str, Any]:
    """What the browser sends when little was chosen; names with a dot are written with two underscores."""
    usual = {
        "do": do,
        "name": "Keitaro",
        "event": "conversion",
        "goals": "any",
        "statuses": ["approved"],
        "status_mode": "each",
        "level": "affiliate",
        "delivery": "s2s",
        "method": "GET",
        "url": KEITARO,
        "auth_type": "none",
    }
    return usual | {name.replace("__", "."): value for name, value in fields.items()}


def only() -> Any:
    """Return the one postback that there is."""
    from redound.console.postbacks.models import Postback

    return Postback.objects.get()


def none() -> bool:
    """Whether nothing was stored."""
    from redound.console.postbacks.models import Postback

    return not Postback.objects.exists()


def value_of(page: str, name: str) -> str:
    """Return what stands in a text area of an unescaped page."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found, name
    return str(found[1])


def shown(answer: Any) -> str:
    """Return the page, unescaped."""
    return unescape(answer.content.decode())


def test_alice_makes_a_keitaro_postback_from_nothing(world, alice):
    """She picks the tracker, types what it asks for, and saves; it is on, and the change is noted."""
    assert 'value="start:keitaro"' in alice.text("/postbacks/new/")
    started = shown(alice.post("/postbacks/new/", {"do": "start:keitaro"}))
    assert 'name="blank.DOMAIN"' in started
    assert 'name="blank.KEY"' in started
    template = value_of(started, "url")
    assert template == KEITARO.replace("trk.example.com", "DOMAIN").replace("3f9ab1e", "KEY")
    answer = alice.post(
        "/postbacks/new/",
        form(tracker="keitaro", url=template, blank__DOMAIN="https://trk.example.com/", blank__KEY="3f9ab1e"),
    )
    row = only()
    assert (answer.status_code, answer["Location"]) == (302, f"/postbacks/{row.pk}/")
    assert (row.url, row.enabled, row.affiliate_id) == (KEITARO, True, world.alice_id)
    from redound.console.accounts.models import AuditEntry

    assert AuditEntry.objects.get(noun="postbacks", row_id=row.pk).by == "user Alice"


def test_a_template_is_not_saved_with_its_blanks(alice):
    """KEY is no key; the fault stands beside the field and nothing typed is lost."""
    template = KEITARO.replace("3f9ab1e", "KEY")
    answer = alice.post("/postbacks/new/", form(tracker="keitaro", url=template, name="Mine"))
    page = shown(answer)
    assert answer.status_code == 422
    assert re.search(r'id="blank-KEY"[^>]*aria-invalid="true"', page)
    assert value_of(page, "url") == template
    assert 'value="Mine"' in page
    assert none()


def test_what_is_wrong_stands_beside_its_field(alice):
    """A name that is missing, a duration that is none, a macro that does not exist."""
    answer = alice.post("/postbacks/new/", form(name="", delay="soon", params0="", max_attempts="many"))
    page = shown(answer)
    assert answer.status_code == 422
    assert re.search(r'id="f-name"[^>]*aria-invalid="true"', page)
    assert "Write a number with s, m, h or d" in page
    assert 'value="soon"' in page
    answer = alice.post("/postbacks/new/", form(url="https://trk.example.com/pb?cid={clickid}"))
    assert answer.status_code == 422
    assert re.search(r'id="url"[^>]*aria-invalid="true"', shown(answer))
    assert none()


def test_a_url_that_would_do_nothing_is_stored_with_a_warning(alice):
    """The receiver may want `#s2#` as it stands; probably not."""
    answer = alice.post("/postbacks/new/", form(url="https://t.example.com/pb?cid=#s2#"))
    assert "The check still finds errors" in alice.text(answer["Location"])
    answer = alice.post("/postbacks/new/", form())
    assert "The check still finds errors" not in alice.text(answer["Location"])


def test_save_as_paused(alice):
    """It is stored and off."""
    assert alice.post("/postbacks/new/", form("pause")).status_code == 302
    assert only().enabled is False


def test_a_finding_is_mended_with_its_button(alice):
    """Without scripts the button sends the form; the corrected URL comes back and nothing is stored."""
    page = shown(alice.post("/postbacks/new/", form("check", url="https://t.example.com/pb?cid=#s2#")))
    (button,) = re.findall(r'value="(fix:foreign_macro[^"]*)"', page)
    mended = shown(alice.post("/postbacks/new/", form(button, url="https://t.example.com/pb?cid=#s2#")))
    assert value_of(mended, "url") == "https://t.example.com/pb?cid={sub2}"
    assert none()


def test_a_macro_with_several_meanings_has_a_button_for_each(alice):
    """`{clickid}` is the tracker's or ours; she says which."""
    url = "https://t.example.com/pb?cid={clickid}"
    page = shown(alice.post("/postbacks/new/", form("check", url=url)))
    buttons = re.findall(r'value="(fix:unknown_macro[^"]*)"', page)
    urls = [value_of(shown(alice.post("/postbacks/new/", form(each, url=url))), "url") for each in buttons]
    assert urls == [url.replace("clickid", "sub1"), url.replace("clickid", "click_id")]


def test_a_url_of_another_platform_is_translated(alice):
    """What has no counterpart is named."""
    url = "https://t.example.com/pb?cid=#s2#&p=#price#&x=#foo#"
    page = shown(alice.post("/postbacks/new/", form("check", url=url)))
    assert "Written for CAKE" in page
    assert "<code>#foo#</code>" in page
    translated = shown(alice.post("/postbacks/new/", form("translate", url=url)))
    assert value_of(translated, "url") == "https://t.example.com/pb?cid={sub2}&p={payout}&x=#foo#"


def test_a_pasted_url_of_a_tracker_is_recognised(alice):
    """And her link is shown in the slot that it returns."""
    page = shown(alice.post("/postbacks/new/", form("check", url=KEITARO.replace("{sub1}", "{sub3}"))))
    assert "Recognised: a postback URL of Keitaro." in page
    assert re.search(r"http://track\.test/c/\w{7}\?sub3=\{subid\}", page)


def test_the_table_of_the_url_can_be_edited(alice):
    """A value typed in a row is put into the URL."""
    url = "https://t.example.com/pb?cid={sub1}&payout=5"
    page = shown(
        alice.post("/postbacks/new/", form("rows", url=url, **{"row-0": "{sub1}", "row-1": "{payout}"}))
    )
    assert value_of(page, "url") == "https://t.example.com/pb?cid={sub1}&payout={payout}"


def test_everything_that_can_be_chosen_is_stored(world, alice):
    """Rule, request, secrets, conditions of success, retries."""
    alice.post(
        "/postbacks/new/",
        form(
            goals="list",
            goal_ids=[world.goal],
            statuses=["pending", "approved"],
            status_mode="once",
            level="link",
            include__link=[world.link],
            include__offer=[world.offer],
            payout_above_zero="on",
            max_age="30d",
            delay="90s",
            method="POST_FORM",
            url="https://t.example.com/pb",
            **{
                "params-0-name": "cid",
                "params-0-value": "{sub1}",
                "params-1-name": "",
                "params-1-value": "",
                "params-2-name": "key",
                "params-2-value": "k 1",
                "params-2-secret": "on",
                "headers-0-name": "X-From",
                "headers-0-value": "redound",
            },
            auth_type="basic",
            auth_login="alice",
            auth_secret="pw",
            body_contains="OK",
            max_attempts="5",
            retry_schedule="10s, 1m",
            strict_disable="on",
            sign="on",
        ),
    )
    row = only()
    assert (row.goals, row.statuses, row.status_mode) == ([world.goal], ["pending", "approved"], "once")
    assert (row.level, row.include, row.payout_above_zero) == ("link", [world.link], True)
    assert (row.max_age_seconds, row.delay_seconds, row.method) == (30 * 86_400, 90, "POST_FORM")
    assert [(each["name"], bool(each.get("secret"))) for each in row.params] == [
        ("cid", False),
        ("key", True),
    ]
    assert "k 1" not in str(row.params)
    assert (row.headers, row.auth["login"], row.success) == (
        [{"name": "X-From", "value": "redound"}],
        "alice",
        {"body_contains": "OK"},
    )
    assert (row.max_attempts, row.retry_schedule, row.strict_disable, row.sign) == (
        5,
        ["10s", "1m"],
        True,
        True,
    )


def test_secrets_are_masked_and_kept(world, alice):
    """The edit page does not hold them, and saving it as it stands changes nothing."""
    made = world.make_postback(
        params=[{"name": "key", "value": "hidden-1", "secret": True}],
        auth={"type": "bearer", "token": "hidden-2"},
    )
    before = only()
    page = alice.text(f"/postbacks/{made['id']}/edit/")
    assert "hidden-" not in page
    assert "•••• kept" in page
    sent = form(
        "save",
        name="Tracker",
        url=before.url,
        auth_type="bearer",
        auth_secret="",
        **{"params-0-name": "key", "params-0-value": "", "params-0-secret": "on"},
    )
    assert alice.post(f"/postbacks/{made['id']}/edit/", sent).status_code == 302
    after = only()
    assert (after.params, after.auth) == (before.params, before.auth)


def test_the_signing_secret_is_shown_once(alice):
    """Right after saving, and never again."""
    alice.post("/postbacks/new/", form(sign="on"))
    address = f"/postbacks/{only().pk}/"
    assert "whsec_" in alice.text(address)
    assert "whsec_" not in alice.text(address)


def test_what_was_changed_meanwhile_is_not_overwritten(world, alice):
    """Bob changed it after she opened it."""
    made = world.make_postback()
    page = alice.text(f"/postbacks/{made['id']}/edit/")
    (version,) = re.findall(r'name="version" value="([^"]+)"', page)
    world.bob.patch(f"postbacks/{made['id']}", {"name": "Bob's"})
    answer = alice.post(f"/postbacks/{made['id']}/edit/", form("save", version=version))
    assert answer.status_code == 422
    assert "changed by somebody else" in shown(answer)
    assert only().name == "Bob's"


def test_the_rule_is_told_in_words(world, alice):
    """While it is written, for a level, goals and statuses that she chose."""
    page = shown(
        alice.post(
            "/postbacks/live/",
            form(
                "",
                goals="list",
                goal_ids=[world.goal],
                statuses=["pending", "approved"],
                status_mode="all",
                level="offer",
                include__offer=[world.offer],
                delay="2h",
                payout_above_zero="on",
            ),
        )
    )
    assert "A conversion of the goal Sale" in page
    assert "once, when it has been pending and approved" in page
    assert "for the offer Shoes" in page
    assert "only with a payout above zero; sent 2 h later" in page


def test_what_fires_with_it_is_told(world, alice):
    """Her other postback for the same conversions; under `most_specific` the narrower one silences it."""
    world.make_postback(name="Everything")
    narrow = form("", level="link", include__link=[world.link])
    page = shown(alice.post("/postbacks/live/", narrow))
    assert "Everything" in page
    assert "Silent" not in page
    world.bob.patch(f"affiliates/{world.alice_id}", {"precedence": "most_specific"})
    page = shown(alice.post("/postbacks/live/", narrow))
    assert "Silent, because something more specific fires" in page
    world.make_postback(name="Narrow", level="link", include=[world.link])
    page = shown(alice.post("/postbacks/live/", form("", level="affiliate")))
    assert "This postback would not fire" in page


def test_the_preview_shows_what_would_be_sent(world, alice):
    """With sample values, or with those of a conversion of hers; never with somebody else's."""
    page = shown(alice.post("/postbacks/live/", form("")))
    assert "subid=value-of-sub1" in page
    assert "payout=12.50" in page
    hostile = shown(alice.post("/postbacks/live/", form("", preview="cnv_" + "0" * 28)))
    assert "subid=value-of-sub1" in hostile


def test_hostile_text_is_escaped(alice):
    """Names and URLs are shown as text."""
    raw = alice.post("/postbacks/new/", form("check", name='"><script>x', url="https://t/<b>?x=</textarea>"))
    page = raw.content.decode()
    assert "<script>x" not in page
    assert "</textarea>?" not in page
    assert "<b>?" not in page


def test_what_can_be_no_id_is_never_asked_for(world, alice, bob):
    """Zero bytes and the like in fields and addresses: no page breaks, nothing is stored."""
    bad = "a\x00b'"
    names = (
        "affiliate_id",
        "goal_ids",
        "include__link",
        "exclude_offers",
        "tracker",
        "preview",
        "blank__KEY",
    )
    for name in names:
        wanted = form("check", goals="list", level="link", **{name: bad})
        assert alice.post("/postbacks/new/", wanted).status_code == 200, name
        assert alice.post("/postbacks/live/", wanted).status_code == 200, name
        assert bob.post("/manage/postbacks/new/", wanted).status_code == 200, name
    for do in (f"start:{bad}", f"fix:{bad}", bad):
        assert alice.post("/postbacks/new/", form(do)).status_code == 200
    assert none()
    made = world.make_postback()
    for path in ("postbacks/new/", f"postbacks/{made['id']}/", f"links/{world.link}/"):
        asked = {"tracker": bad, "url": bad, "tested": bad, "tab": bad, "sub1": bad}
        assert alice.get(f"/{path}", data=asked).status_code in {200, 400}, path
        assert alice.get(f"/{path}", data=dict.fromkeys(asked, "a'\"<")).status_code == 200, path
    assert bob.post("/manage/postbacks/recover/", {"ids": [bad]}).status_code == 302


def test_refusals_in_russian(world):
    """What is wrong is said in the reader's language, whatever the rule's own is."""
    person(world, "anna@example.com", "Anna", affiliate_id=world.alice_id, language="ru")
    browser = Browser("anna@example.com")
    page = shown(browser.post("/postbacks/new/", form(url="", statuses=[], name="")))
    assert "Дайте имя" in page
    page = shown(browser.post("/postbacks/new/", form(url="http://127.0.0.1:99999/", statuses=[])))
    assert "Выберите хотя бы одно." in page
    assert "Этот порт не вызывается." in page


def test_charlie_cannot_open_or_change_what_is_alices(world, charlie):
    """404 on every address, and nothing happens."""
    made = world.make_postback()
    before = only()
    for path in ("edit/", "edit/live/", ""):
        assert charlie.get(f"/postbacks/{made['id']}/{path}").status_code in {404, 405}, path
    for path in ("edit/", "edit/live/"):
        answer = charlie.post(f"/postbacks/{made['id']}/{path}", form("save", name="Charlie's"))
        assert answer.status_code == 404, path
    after = only()
    assert (after.name, after.updated_at) == (before.name, before.updated_at)


def test_charlie_cannot_use_alices_links(world, charlie):
    """Her link is none of the links that he may name."""
    answer = charlie.post("/postbacks/new/", form(level="link", include__link=[world.link]))
    assert answer.status_code == 422
    assert none()


def test_without_postbacks_enabled_there_is_no_editor(world, alice):
    """403 on every address until the manager switches them on, and nothing is stored."""
    made = world.make_postback()
    world.bob.patch(f"affiliates/{world.alice_id}", {"postbacks_enabled": False})
    for path in ("", "new/", f"{made['id']}/", f"{made['id']}/edit/"):
        assert alice.get(f"/postbacks/{path}").status_code == 403, path
    for path in ("new/", "live/", f"{made['id']}/edit/", f"{made['id']}/pause/", f"{made['id']}/delete/"):
        assert alice.post(f"/postbacks/{path}", form("pause")).status_code == 403, path
    assert only().enabled is True


def test_a_manager_makes_one_for_every_affiliate_of_an_offer(world, bob):
    """Of level offer, without an affiliate, with the manager's macros."""
    page = bob.text("/manage/postbacks/new/")
    assert "None: every affiliate of the offers or brands below" in page
    url = f"{URL}&r={{revenue}}"
    answer = bob.post("/manage/postbacks/new/", form(level="offer", include__offer=[world.offer], url=url))
    row = only()
    assert answer["Location"] == f"/manage/postbacks/{row.pk}/"
    assert (row.affiliate_id, row.level, row.url) == (None, "offer", url)


def test_html_has_to_be_approved_and_cannot_be_tested(world, alice):
    """She writes the pixel; its page says that it waits for a manager."""
    page = alice.text("/postbacks/new/")
    assert "A manager has to approve this HTML" in page
    answer = alice.post(
        "/postbacks/new/", form(delivery="html", html='<img src="https://t.example/?c={sub1}">')
    )
    assert answer.status_code == 302
    assert (only().delivery, only().html_approved) == ("html", False)
    assert "until a manager approves it" in alice.text(answer["Location"])
    assert 'id="send-test"' not in alice.text(answer["Location"])
