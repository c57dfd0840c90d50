"""Who may open and change what: one row for each address of the portals. A new address without one fails.

    "delivery": Row("delivery", postbacks=True)

says: the address holds the ID of a delivery (one of Alice's, see `Things`), and affiliates without postbacks
are refused. What follows for each person, portal and method is worked out in `test_access.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One address.

    `of`: whose IDs stand in it, by the names of `Things`, comma-separated; they are Alice's, and for Charlie
    do not exist unless they are `everybodys`. `posts`: it takes a form and is no page. `postbacks`: not for
    affiliates whose postbacks are switched off. `sudo`: asks again who it is after 15 minutes. `get` is what
    it answers who may see it. `reads`: it takes no form. `managers`: affiliates are refused in their own
    portal too, and whoever views as one with them.
    """

    of: str = ""
    posts: bool = False
    postbacks: bool = False
    sudo: bool = False
    everybodys: bool = False
    reads: bool = False
    managers: bool = False
    get: int = 200


OPEN = Row()

SHARED: dict[str, Row] = {
    # signing in
    "profile": OPEN,
    "api-keys": OPEN,
    "api-key-new": Row(sudo=True),
    "api-key-revoke": Row("key", posts=True, sudo=True),
    # statistics
    "statistics": OPEN,
    "statistics-deliveries": Row(postbacks=True),
    # conversions and jobs
    "conversions": OPEN,
    "conversion": Row("conversion"),
    "jobs": OPEN,
    "job": Row("job"),
    "job-confirm": Row("job", posts=True),
    "job-stop": Row("job", posts=True),
    # postbacks
    "postbacks": Row(postbacks=True),
    "postbacks-recover": Row(managers=True, posts=True),
    "postback": Row("postback", postbacks=True),
    "postback-new": Row(postbacks=True),
    "postback-live": Row(postbacks=True, posts=True),
    "postback-edit": Row("postback", postbacks=True),
    "postback-edit-live": Row("postback", postbacks=True, posts=True),
    "postback-test": Row("postback", postbacks=True, posts=True),
    "postback-enable": Row("postback", postbacks=True, posts=True),
    "postback-pause": Row("postback", postbacks=True, posts=True),
    "postback-delete": Row("postback", postbacks=True, posts=True),
    "postback-approve-html": Row("postback", managers=True, posts=True),
    "postback-backfill": Row("postback", postbacks=True, posts=True),
    "postback-checklist": Row("postback", postbacks=True),
    # deliveries, incidents, tools
    "deliveries": OPEN,
    "deliveries-rows": OPEN,
    "deliveries-retry": Row(managers=True, posts=True),
    "delivery": Row("delivery"),
    "delivery-retry": Row("delivery", postbacks=True, posts=True),
    "delivery-cancel": Row("delivery", postbacks=True, posts=True),
    "incidents": OPEN,
    "incident": Row("incident"),
    "trace": OPEN,
    "lint": OPEN,
    "macros": OPEN,
    "tester": Row(postbacks=True),
    "tester-send": Row(posts=True),
    "tester-conversion": Row(posts=True),
    "bins": OPEN,
    "bin": Row("bin"),
    "bin-edit": Row("bin", posts=True),
    "bin-delete": Row("bin", posts=True),
    # lists
    "save-view": Row(posts=True),
    "delete-view": Row("view", posts=True),
    # notifications
    "notifications": OPEN,
    "notifications-rows": OPEN,
    "notifications-latest-fragment": OPEN,
    "notifications-read": Row(posts=True),
    "notification-settings": OPEN,
    "notification-when": Row(posts=True),
    "notification-events": Row(posts=True),
    "notification-channel-new": Row("channel_kind", everybodys=True, sudo=True),
    "notification-channel": Row("channel", posts=True),
    "notification-channel-test": Row("channel", posts=True),
    "notification-channel-delete": Row("channel", posts=True),
    # streams
    "live": Row("noun", postbacks=True, everybodys=True, reads=True),
    # add yours below
}
"""In both portals."""

AFFILIATE: dict[str, Row] = {
    "overview": OPEN,
    "view-as-end": Row(posts=True),
    "offers": OPEN,
    "links": OPEN,
    "link": Row("link", reads=True),
    "link-change": Row("link", posts=True),
    "notification": Row("notice", get=302),
    "notification-channel-tried-fragment": Row("channel,sending", reads=True),
    # add yours below
}
"""In the affiliates' portal alone."""

MANAGER: dict[str, Row] = {
    "overview": OPEN,
    "view-as": Row("affiliate", posts=True),
    "people": OPEN,
    "people-invite": Row(sudo=True),
    "person": Row("person"),
    "invitation-send": Row("invitation", posts=True, sudo=True),
    "invitation-revoke": Row("invitation", posts=True, sudo=True),
    "person-activate": Row("person", posts=True, sudo=True),
    "person-deactivate": Row("person", posts=True, sudo=True),
    "person-two-factor": Row("person", posts=True, sudo=True),
    "person-sessions-end": Row("person", posts=True, sudo=True),
    "person-reset": Row("person", posts=True, sudo=True),
    # conversions
    "conversion-new": OPEN,
    "conversions-count": Row(posts=True),
    "conversions-change": Row(posts=True),
    "conversions-undo": Row(posts=True),
    "conversions-everything": Row(posts=True),
    "conversion-status": Row("conversion", posts=True),
    "conversion-undo": Row("conversion", posts=True),
    # affiliates, advertisers, offers
    "affiliates": OPEN,
    "affiliate-new": OPEN,
    "affiliate": Row("affiliate"),
    "affiliate-edit": Row("affiliate"),
    "affiliate-postbacks": Row("affiliate", posts=True),
    "affiliate-campaigns": Row("affiliate", posts=True),
    "affiliate-links": Row("affiliate", posts=True),
    "affiliate-link": Row("affiliate,link", posts=True),
    "advertisers": OPEN,
    "advertiser-new": OPEN,
    "advertiser": Row("advertiser"),
    "advertiser-edit": Row("advertiser"),
    "advertiser-brands": Row("advertiser", posts=True),
    "link-edit": Row("link"),
    "campaign-edit": Row("campaign"),
    "brand-edit": Row("brand"),
    "advertiser-secret": Row("advertiser,kind", posts=True, sudo=True),
    "advertiser-secret-drop": Row("advertiser,kind,position", posts=True, sudo=True),
    "offers": OPEN,
    "offer-new": OPEN,
    "offer": Row("offer"),
    "offer-edit": Row("offer"),
    "offer-goals": Row("offer"),
    "offer-postbacks": Row("offer"),
    "offer-plans": Row("offer"),
    "goal-new": Row("offer"),
    "goal-edit": Row("goal"),
    "plan-new": Row("offer"),
    "plan-edit": Row("plan"),
    # players and imports, the gallery, the installation
    "players": OPEN,
    "player": Row("player"),
    "imports": OPEN,
    "import": Row("import"),
    "import-new": OPEN,
    "import-run": Row("import", posts=True),
    "import-columns": Row("import", get=404),
    "import-refused": Row("import"),
    "gallery": OPEN,
    "gallery-new": OPEN,
    "gallery-entry": Row("entry"),
    "gallery-edit": Row("entry"),
    "gallery-delete": Row("entry", posts=True),
    "audit": OPEN,
    "system": OPEN,
    "settings": OPEN,
    # received
    "received": OPEN,
    "received-rows": OPEN,
    "received-judge": Row(posts=True),
    "report": Row("report"),
    "report-judge": Row("report", posts=True),
    "report-match": Row("report", posts=True),
    # notifications: the managers' own
    "notification": Row("managers_notice", get=302),
    "notification-channel-tried-fragment": Row("managers_channel,managers_sending", reads=True),
    # add yours below
}
"""In the managers' portal alone."""

OUTSIDE: dict[str, tuple[int, int]] = {
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_reauthenticate": (302, 200),
    "account_change_password": (302, 200),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "mfa_index": (302, 200),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 200),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 200),
    "mfa_download_recovery_codes": (302, 404),
    "usersessions_list": (302, 200),
    "session-end": (302, 405),
    "invitation-accept": (404, 404),
    "invitation-open": (404, 404),
    "preferences": (405, 405),
}
"""Outside of both: what GET answers a stranger, and somebody who is signed in and has no second factor."""


class Things:
    """Alice's things, by the names that rows use; each is made when it is first asked for."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._made: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        """Return the ID."""
        if name not in self._made:
            self._made[name] = getattr(self, f"_{name}")()
        return self._made[name]

    def _affiliate(self) -> str:
        return self._world.alice_id

    def _key(self) -> str:
        from redound.console.accounts.models import ApiKey

        return ApiKey.objects.filter(affiliate_id=self._world.alice_id).first().pk

    def _person(self) -> str:
        from redound.console.accounts.models import User

        return User.objects.get(email="alice@example.com").pk

    def _invitation(self) -> str:
        from redound.console.accounts.callers import Caller
        from redound.console.signin import invitations

        return invitations.invite(Caller(by="test"), "zoe@example.com", role="manager").invitation.pk

    def _postback(self) -> str:
        return self._world.make_postback()["id"]

    def _conversion(self) -> str:
        from tests.console.traffic import convert

        self("postback")
        return convert(self._world, status="approved")

    def _delivery(self) -> str:
        from redound.console.traffic.models import Delivery

        self("conversion")
        return Delivery.objects.order_by("-id").first().pk

    def _offer(self) -> str:
        return self._world.offer

    def _goal(self) -> str:
        return self._world.goal

    def _advertiser(self) -> str:
        return self._world.acme

    def _noun(self) -> str:
        return "deliveries"

    def _kind(self) -> str:
        return "tokens"

    def _notice(self) -> str:
        return self._told("affiliate")

    def _managers_notice(self) -> str:
        return self._told("manager")

    def _told(self, audience: str) -> str:
        from redound.console.traffic.models import Notification
        from tests.console.traffic import disable

        if not Notification.objects.filter(audience=audience).exists():
            disable(self("postback"))
        return Notification.objects.filter(audience=audience).latest("id").pk

    def _channel_kind(self) -> str:
        return "webhook"

    def _channel(self) -> str:
        return self._channel_of(self("person"))

    def _managers_channel(self) -> str:
        return self._channel_of(self._world.bob_user.pk)

    def _channel_of(self, user_id: str) -> str:
        from redound.console.notices.models import Channel

        return Channel.objects.create(user_id=user_id, kind="webhook", name="Hook", since=0).pk

    def _sending(self) -> str:
        return self._test_of(self("channel"))

    def _managers_sending(self) -> str:
        return self._test_of(self("managers_channel"))

    def _test_of(self, channel_id: str) -> str:
        from redound.console.notices import channels
        from redound.console.notices.models import Channel

        return channels.try_out(Channel.objects.get(pk=channel_id))

    def _position(self) -> int:
        return 0

    def _plan(self) -> str:
        goal = self._world.make_goal(code="qualified", kind="qualified_cpa")
        fields = {"name": "FTD", "amount": "50.00", "deposits": "50.00", "goal_id": goal}
        return self._world.bob.make("reward-plans", offer_id=self._world.offer, **fields)["id"]

    def _job(self) -> str:
        from redound.console.jobs.models import Job

        return Job.objects.create(
            kind="retry_deliveries", by="user Alice", state="counted", affiliate_id=self._world.alice_id
        ).pk

    def _report(self) -> str:
        from redound.console.traffic.models import Report

        self("conversion")
        return Report.objects.order_by("-id").first().pk

    def _bin(self) -> str:
        return self._world.alice.make("bins")["id"]

    def _incident(self) -> str:
        from tests.console.incidents import open_incident

        return open_incident(self._world, postback_id=self("postback"), affiliate_id=self._world.alice_id)

    def _view(self) -> str:
        from redound.console.shell.models import SavedView

        return SavedView.objects.create(
            user_id=self("person"), page="affiliate:deliveries", name="Mine", query=""
        ).pk

    def _player(self) -> str:
        from redound.console.players.models import Player
        from tests.console.players import evaluate, register

        self._world.make_goal(code="signup", kind="registration")
        register(self._world)
        evaluate(self._world)
        return Player.objects.order_by("-pk").first().pk

    def _import(self) -> str:
        from redound.console.imports.models import Import

        return Import.objects.create(kind="conversions", path="/nowhere", size_bytes=1, state="done").pk

    def _entry(self) -> str:
        from tests.console.test_gallery import OWN

        return self._world.bob.make("gallery", **OWN)["slug"]

    def _link(self) -> str:
        return self._world.link

    def _brand(self) -> str:
        return self._world.brand

    def _campaign(self) -> str:
        return self._world.campaign
