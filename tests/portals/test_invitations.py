"""Invitations, and what managers may do to people."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.portals.browsing import PASSWORD, Browser, person

HOST = "http://console.test"


@pytest.fixture
def bob(world):
    """Bob's browser."""
    world.bob_user.set_password(PASSWORD)
    world.bob_user.save()
    return Browser("bob@example.com")


@pytest.fixture
def olga(world):
    """The operator's browser."""
    person(world, "olga@example.com", "Olga", role="operator")
    return Browser("olga@example.com")


def invite(browser, email="zoe@example.com", **fields):
    """Fill in the form of an invitation."""
    return browser.post("/manage/people/invite/", {"email": email, "name": "Zoe", "role": "manager"} | fields)


def link_in(answer):
    """Return the link that the page shows once."""
    text = unescape(answer.content.decode())
    return re.search(rf'<code class="code once">({HOST}\S+?)</code>', text)[1].removeprefix(HOST)


def accept(link, name="Zoe", password=PASSWORD):
    """Open the link and make the account; return browser and answer."""
    browser = Browser()
    browser.get(link)
    return browser, browser.post("/accounts/invitation/", {"name": name, "password": password})


def test_a_link_is_shown_once_and_makes_an_affiliates_account(world, bob):
    """Without a mail server Bob passes it on; Zoe sees Alice's portal."""
    from redound.console.accounts.models import Invitation, User

    answer = invite(bob, role="affiliate", affiliate=world.alice_id)
    link = link_in(answer)
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in bob.text("/manage/people/")
    assert token not in str(vars(Invitation.objects.get()))
    browser, made = accept(link)
    assert made.url == "/"
    zoe = User.objects.get(email="zoe@example.com")
    assert (zoe.name, zoe.role, zoe.affiliate_id, zoe.is_superuser) == (
        "Zoe",
        "affiliate",
        world.alice_id,
        False,
    )
    assert browser.get("/profile/").status_code == 200
    assert browser.get("/manage/people/").status_code == 403


def test_a_link_works_once(world, bob):
    """Whoever comes second is told."""
    from redound.console.accounts.models import User

    link = link_in(invite(bob))
    assert accept(link)[1].url == "/manage/"
    _, again = accept(link, name="Mallory")
    assert again.status_code == 404
    assert User.objects.filter(email="zoe@example.com").count() == 1


def test_of_two_who_send_the_form_at_once_one_gets_in(world, bob):
    """The second finds it taken between reading and writing."""
    from redound.console.accounts.models import User
    from redound.console.errors import NotFoundError
    from redound.console.signin import invitations

    invite(bob)
    (open_one,) = invitations.open_ones()
    invitations.accept(open_one, "Zoe", PASSWORD)
    with pytest.raises(NotFoundError):
        invitations.accept(open_one, "Mallory", PASSWORD)
    assert User.objects.get(email="zoe@example.com").name == "Zoe"


def test_after_a_week_it_works_no_more(world, bob):
    """Nor is it listed."""
    from django.utils import timezone

    from redound.console.accounts.models import Invitation, User

    link = link_in(invite(bob))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert accept(link)[1].status_code == 404
    assert not User.objects.filter(email="zoe@example.com").exists()
    assert "zoe@example.com" not in bob.text("/manage/people/")


@pytest.mark.parametrize("action", ["send", "revoke"])
def test_a_new_link_or_a_withdrawal_ends_the_old_one(world, bob, action):
    """Bob sent it to the wrong person."""
    from redound.console.accounts.models import Invitation

    link = link_in(invite(bob))
    invitation = Invitation.objects.get()
    answer = bob.post(f"/manage/people/invitations/{invitation.pk}/{action}/")
    assert accept(link)[1].status_code == 404
    if action == "send":
        assert accept(link_in(answer))[1].url == "/manage/"


def test_it_goes_by_mail_where_there_is_a_server(world, bob, mail):
    """And shows nowhere on the page."""
    answer = invite(bob)
    assert answer.url == "/manage/people/"
    (link,) = mail.links("zoe@example.com")
    assert "Bob invites you" in mail.sent[0].body
    assert link not in bob.text("/manage/people/")
    assert accept(link.removeprefix(HOST))[1].url == "/manage/"


def test_a_mail_server_in_trouble_leaves_the_link_to_pass_on(world, bob, mail):
    """The invitation is not lost."""
    mail.broken = True
    assert accept(link_in(invite(bob)))[1].url == "/manage/"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "bob@example.com"},
        {"email": "BOB@example.com"},
        {"email": "nobody"},
        {"role": "operator"},
        {"role": "affiliate", "affiliate": ""},
        {"role": "affiliate", "affiliate": "aff_00000000000000000000000000000000"},
    ],
)
def test_what_cannot_be_is_said_beside_the_field(world, bob, fields):
    """And nobody is invited."""
    from redound.console.accounts.models import Invitation

    answer = invite(bob, **fields)
    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("password", ["short", "12345678", "password", "zoe@example"])
def test_a_password_that_is_easily_guessed_is_refused(world, bob, password):
    """The link stays good."""
    link = link_in(invite(bob))
    _, answer = accept(link, password=password)
    assert 'class="err"' in answer.content.decode()
    assert accept(link)[1].url == "/manage/"


def test_a_new_person_of_whom_it_is_required_sets_up_a_second_factor_first(world, bob, ours):
    """Straight after the invitation."""
    ours(require_two_factor="all")
    from redound.console.accounts.callers import Caller
    from redound.console.signin import invitations

    sent = invitations.invite(Caller(by="command invite"), "zoe@example.com", role="manager")
    browser, _ = accept(sent.link.removeprefix(HOST))
    assert browser.get("/manage/").url == "/accounts/2fa/totp/activate/"
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200


def test_invitations_are_audited_without_the_token(world, bob):
    """Who invited whom, and that it was withdrawn."""
    from redound.console.accounts.models import AuditEntry, Invitation

    invite(bob)
    row = Invitation.objects.get()
    bob.post(f"/manage/people/invitations/{row.pk}/revoke/")
    entries = list(AuditEntry.objects.filter(noun="invitations").order_by("id"))
    assert [(entry.action, entry.by) for entry in entries] == [("invite", "user Bob"), ("revoke", "user Bob")]
    assert row.digest not in str([entry.differences for entry in entries])


class TestPeople:
    """What may be done to whom."""

    @pytest.fixture
    def alice(self, world):
        """Alice, who signs in for her affiliate."""
        return person(world, "alice@example.com", "Alice", affiliate_id=world.alice_id)

    def test_switching_somebody_off_ends_their_sessions(self, world, bob, alice):
        """And lets them in again later."""
        browser = Browser("alice@example.com")
        assert bob.post(f"/manage/people/{alice.pk}/deactivate/").url == f"/manage/people/{alice.pk}/"
        assert browser.get("/profile/").status_code == 302
        assert Browser().sign_in("alice@example.com").url == "/accounts/inactive/"
        assert "Alice" in bob.text("/manage/people/?show=off")
        bob.post(f"/manage/people/{alice.pk}/activate/")
        assert Browser().sign_in("alice@example.com").url == "/"

    def test_signing_somebody_out_everywhere(self, world, bob, alice):
        """Two browsers of Alice's; Bob's own stays."""
        browsers = [Browser("alice@example.com"), Browser("alice@example.com")]
        bob.post(f"/manage/people/{alice.pk}/sessions/end/")
        assert [browser.get("/profile/").status_code for browser in browsers] == [302, 302]
        assert bob.get("/manage/people/").status_code == 200

    def test_requiring_a_second_factor(self, world, bob, alice):
        """Of one person, and no longer."""
        bob.post(f"/manage/people/{alice.pk}/two-factor/", {"required": "1"})
        alice.refresh_from_db()
        assert alice.require_two_factor
        bob.post(f"/manage/people/{alice.pk}/two-factor/", {"required": "0"})
        alice.refresh_from_db()
        assert not alice.require_two_factor

    def test_a_link_to_set_a_password(self, world, bob, alice):
        """Bob passes it on where no mail is sent."""
        link = link_in(bob.post(f"/manage/people/{alice.pk}/reset/"))
        browser = Browser()
        where = browser.get(link, follow=True).redirect_chain[-1][0]
        browser.post(where, {"password1": "another horse 7", "password2": "another horse 7"})
        assert browser.sign_in("alice@example.com", "another horse 7").url == "/"

    @pytest.mark.parametrize("what", ["deactivate", "activate", "two-factor", "sessions/end", "reset"])
    def test_managers_do_nothing_to_managers_operators_or_themselves(self, world, bob, olga, what):
        """A reset link would be a way into their account."""
        from redound.console.accounts.models import AuditEntry, User

        person(world, "mia@example.com", "Mia")
        before = list(User.objects.order_by("pk").values())
        entries = AuditEntry.objects.count()
        for email in ("mia@example.com", "olga@example.com", "bob@example.com"):
            user = User.objects.get(email=email)
            assert bob.post(f"/manage/people/{user.pk}/{what}/", {"required": "1"}).status_code == 403
        assert list(User.objects.order_by("pk").values()) == before
        assert AuditEntry.objects.count() == entries
        assert olga.get("/manage/people/").status_code == 200

    def test_operators_look_after_managers(self, world, olga):
        """Bob forgot his password."""
        assert link_in(olga.post(f"/manage/people/{world.bob_user.pk}/reset/"))

    def test_the_list_is_searched_and_counted(self, world, bob, alice):
        """By name, address, affiliate."""
        assert "alice@example.com" in bob.text("/manage/people/?q=ali")
        assert "alice@example.com" not in bob.text("/manage/people/?q=bob")
        assert "alice@example.com" not in bob.text("/manage/people/?show=managers")
        assert bob.get("/manage/people/?q=%25&page=99&show=x").status_code == 200

    def test_people_want_a_fresh_password_and_go_on_where_they_were(self, world, bob, alice):
        """The form that Bob sent is taken up after it."""
        bob.forget_sudo()
        asked = bob.post(f"/manage/people/{alice.pk}/two-factor/", {"required": "1"})
        assert asked.url.startswith("/accounts/reauthenticate/")
        alice.refresh_from_db()
        assert not alice.require_two_factor
        assert bob.post(asked.url, {"password": PASSWORD}).url == f"/manage/people/{alice.pk}/"
        alice.refresh_from_db()
        assert alice.require_two_factor

    def test_a_form_that_waited_is_taken_up_in_the_portal_that_it_was_sent_in(self, world, bob, alice):
        """Bob views as Alice in another tab; what he does to people is done as Bob."""
        from redound.console.accounts.models import AuditEntry

        bob.post(f"/manage/affiliates/{world.alice_id}/view-as/")
        bob.forget_sudo()
        asked = bob.post(f"/manage/people/{alice.pk}/two-factor/", {"required": "1"})
        bob.post(asked.url, {"password": PASSWORD})
        entry = AuditEntry.objects.filter(noun="users", action="edit").latest("id")
        assert (entry.by, entry.row_id) == ("user Bob", alice.pk)
