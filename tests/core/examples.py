"""For every cause of a trace: facts that show it, and facts next to them that do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redound.core.catalog import Event, PayoutModel, StatusMode
from redound.core.deliveries import DeliveryState as State
from redound.core.deliveries import ErrorKind
from redound.core.evaluating import examine_click
from redound.core.reports import Verdict
from redound.core.states import Status
from redound.core.trace.facts import Asked, Kind
from redound.core.trace.likeness import How, Likeness
from tests.builders import (
    HOUR_MS,
    NOW,
    NOW_MS,
    make_affiliate,
    make_click,
    make_click_id,
    make_conversion,
    make_link,
    make_offer,
    make_postback,
)
from tests.core.stories import (
    CLICK,
    MINUTE_MS,
    a_delivery,
    a_report,
    an_attempt,
    answered,
    converted,
    evaluated,
    near,
    only_clicked,
    owners,
    refused,
    sent,
    today,
)

if TYPE_CHECKING:
    from redound.core.trace.facts import Facts

Pair = tuple["Facts", "Facts"]
OLD = NOW_MS - HOUR_MS // 2
WELL = sent()


def asked(text: str, **changes: Any) -> Facts:
    """Nothing is known but what was asked for."""
    return replace(only_clicked(click=None, postbacks={}), asked=Asked(text, **changes))


def changed(how: How, text: str) -> Facts:
    """A changed form of the click's ID is asked for."""
    return only_clicked(asked=Asked(text, Kind.CLICK, CLICK.id, likeness=Likeness(how, CLICK.id)))


ASKED: dict[str, Pair] = {
    "asked_macro": (asked("{sub1}"), asked("sub1-value")),
    "id_cut": (changed(How.CUT, CLICK.id[:32]), only_clicked()),
    "id_lengthened": (changed(How.LENGTHENED, f"x{CLICK.id}"), only_clicked()),
    "id_misread": (changed(How.MISREAD, CLICK.id.replace("0", "o")), only_clicked()),
    "id_altered": (changed(How.ALTERED, CLICK.id[:-1] + "z"), only_clicked()),
    "id_forged": (asked("z" * 40, forged=True), asked("z" * 39)),
    "id_not_stored": (
        asked(CLICK.id, kind=Kind.CLICK, id=CLICK.id, made_at=OLD, link=make_link()),
        converted(
            None,
            evaluated(),
            click=None,
            asked=Asked(CLICK.id, Kind.CLICK, CLICK.id, OLD),
            deliveries=(a_delivery(),),
        ),
    ),
    "nothing_known": (asked("never-seen"), only_clicked()),
}


def clicked(**params: str) -> Facts:
    """A delivered conversion of a click with these parameters; the postback returns sub1."""
    return replace(WELL, click=make_click(params=params))


CLICKS: dict[str, Pair] = {
    "sub_unreplaced": (clicked(sub1="{clickid}"), clicked(sub1="clickid")),
    "sub_in_other_slot": (clicked(sub2="tracker-click-1"), clicked(sub1="tracker-click-1", sub2="blog")),
    "sub_missing": (clicked(), clicked(sub1="tracker-click-1")),
    "sub_cut": (
        replace(WELL, usual_lengths={"sub1": 20}),
        replace(WELL, usual_lengths={"sub1": len("tracker-click-1")}),
    ),
    "no_id_returned": (
        replace(WELL, postbacks=owners(make_postback(url="https://t.example.com/?tid={conversion_id}"))),
        replace(WELL, postbacks=owners(make_postback(url="https://t.example.com/?tid={aff_sub}"))),
    ),
    "click_bot": (
        only_clicked(click=make_click(valid=False, invalid_reason="bot", user_agent="curl/8")),
        only_clicked(),
    ),
    "click_prefetch": (
        only_clicked(click=make_click(valid=False, invalid_reason="prefetch")),
        only_clicked(click=make_click(valid=False, invalid_reason="head")),
    ),
    "click_repeated": (
        only_clicked(click=make_click(valid=False, invalid_reason="duplicate")),
        only_clicked(click=make_click(valid=False, invalid_reason="bot")),
    ),
}


def verdict(which: Verdict, beside: Verdict, **changes: Any) -> Pair:
    """The same report with the verdict in question, and with another."""
    return refused(which, **changes), refused(beside, **changes)


REPORTS: dict[str, Pair] = {
    "report_without_click_id": verdict(Verdict.MISSING_CLICK_ID, Verdict.MALFORMED_CLICK_ID, txid="T-1"),
    "report_unreplaced_macro": verdict(
        Verdict.UNREPLACED_MACRO, Verdict.MALFORMED_CLICK_ID, click_id="{aff_sub}"
    ),
    "report_other_id": verdict(Verdict.MALFORMED_CLICK_ID, Verdict.WRONG_SLOT, click_id="order-7"),
    "report_wrong_slot": verdict(Verdict.WRONG_SLOT, Verdict.MALFORMED_CLICK_ID, click_id="order-7"),
    "report_click_not_stored": verdict(Verdict.CLICK_NOT_FOUND, Verdict.CLICK_EXPIRED),
    "report_too_late": (
        replace(refused(Verdict.CLICK_EXPIRED), offer=make_offer(conversion_window_days=30)),
        refused(Verdict.CLICK_NOT_FOUND),
    ),
    "report_bad_token": verdict(Verdict.BAD_TOKEN, Verdict.IP_NOT_ALLOWED),
    "report_ip_not_allowed": verdict(Verdict.IP_NOT_ALLOWED, Verdict.BAD_TOKEN),
    "report_unknown_goal": verdict(Verdict.UNKNOWN_GOAL, Verdict.UNKNOWN_STATUS),
    "report_unknown_status": verdict(Verdict.UNKNOWN_STATUS, Verdict.UNKNOWN_GOAL),
    "report_bad_amount": verdict(Verdict.BAD_AMOUNT, Verdict.BAD_CURRENCY),
    "report_bad_currency": verdict(Verdict.BAD_CURRENCY, Verdict.BAD_AMOUNT),
    "report_malformed": verdict(Verdict.MALFORMED, Verdict.BAD_AMOUNT),
    "report_offer_paused": verdict(Verdict.OFFER_INACTIVE, Verdict.AFFILIATE_INACTIVE),
    "report_affiliate_paused": verdict(Verdict.AFFILIATE_INACTIVE, Verdict.OFFER_INACTIVE),
    "report_our_fault": verdict(Verdict.INTERNAL_ERROR, Verdict.MALFORMED),
    "report_duplicate": (
        refused(Verdict.DUPLICATE, conversion_id="cnv_other"),
        replace(WELL, reports=(a_report(), a_report(Verdict.DUPLICATE, id="rpt_2", at=NOW_MS))),
    ),
    "report_status_not_allowed": (
        refused(Verdict.IGNORED_STATUS, conversion_id="cnv_other"),
        replace(WELL, reports=(a_report(), a_report(Verdict.IGNORED_STATUS, id="rpt_2", at=NOW_MS))),
    ),
    "tracker_id_sent": (
        near(How.SAME, "tracker-click-1", "tracker-click-1", "sub1"),
        near(How.CUT, CLICK.id[:32], CLICK.id),
    ),
    "tracker_id_case_changed": (
        near(How.CASE, "TRACKER-CLICK-1", "tracker-click-1", "sub1"),
        near(How.SAME, "tracker-click-1", "tracker-click-1", "sub1"),
    ),
    "tracker_id_cut": (
        near(How.CUT, "tracker-cl", "tracker-click-1", "sub1"),
        near(How.SAME, "tracker-click-1", "tracker-click-1", "sub1"),
    ),
    "our_id_cut": (
        near(How.CUT, CLICK.id[:32], CLICK.id),
        near(How.SAME, "tracker-click-1", "tracker-click-1", "sub1"),
    ),
    "reports_without_click": (
        only_clicked(strays={Verdict.MISSING_CLICK_ID: 2, Verdict.WRONG_SLOT: 1}),
        only_clicked(),
    ),
    "never_reported": (only_clicked(offer_reported_at=None), only_clicked()),
    "advertiser_silent": (only_clicked(offer_reported_at=CLICK.created_at - 1), only_clicked()),
    "not_reported": (only_clicked(), only_clicked(offer_reported_at=None)),
    "converted_on_other_click": (
        only_clicked(elsewhere=(make_conversion(click_id=make_click_id(OLD)),)),
        only_clicked(),
    ),
}


def skipped(reason: str, conversion: Any = None, **postback: Any) -> Facts:
    """The one postback skipped the conversion for this reason."""
    return converted(conversion, evaluated(reason), postbacks=owners(make_postback(**postback)))


PENDING = make_conversion(status=Status.PENDING, created_at=OLD)
HOLD = make_conversion(status=Status.HOLD, hold_until=NOW_MS + HOUR_MS, created_at=OLD)
REJECTED = make_conversion(status=Status.REJECTED, created_at=OLD)
YOUNG = make_postback(created_at=NOW - timedelta(minutes=5))
BOTH = make_postback(statuses=frozenset({Status.HOLD, Status.APPROVED}), status_mode=StatusMode.ALL)
CPC = make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5)
ON_CLICK = make_postback(event=Event.CLICK)
REPEATED = make_click(valid=False, invalid_reason="duplicate")

MATCHES: dict[str, Pair] = {
    "no_postback": (converted(postbacks={}), skipped("goal_not_listed")),
    "postback_made_later": (
        converted(**today(YOUNG)),
        converted(**today(replace(YOUNG, statuses=frozenset({Status.HOLD})))),
    ),
    "postback_off": (
        skipped("postback_off", enabled=False),
        skipped("goal_not_listed", enabled=False),
    ),
    "postback_was_off": (skipped("postback_off", enabled=True), skipped("postback_off", enabled=False)),
    "postbacks_not_enabled": (
        replace(skipped("postbacks_not_enabled"), affiliate=make_affiliate(postbacks_enabled=False)),
        skipped("goal_not_listed"),
    ),
    "status_on_hold": (skipped("status_not_listed", HOLD), skipped("status_not_listed", PENDING)),
    "status_pending": (skipped("status_not_listed", PENDING), skipped("status_not_listed", HOLD)),
    "status_differs": (skipped("status_not_listed", REJECTED), skipped("status_not_listed", PENDING)),
    "statuses_missing": (
        converted(None, evaluated("statuses_missing"), postbacks=owners(BOTH)),
        skipped("status_not_listed", PENDING),
    ),
    "already_fired": (
        converted(
            None,
            evaluated(),
            evaluated("already_fired", transition_id="trn_2", at=NOW_MS),
            deliveries=(a_delivery(),),
        ),
        converted(
            None,
            evaluated(),
            evaluated("already_fired", transition_id="trn_2", at=NOW_MS),
            evaluated("fires", "pbk_other", transition_id="trn_2", at=NOW_MS),
            deliveries=(a_delivery(),),
        ),
    ),
    "goal_differs": (skipped("goal_not_listed", goals="events"), skipped("out_of_scope")),
    "out_of_scope": (skipped("out_of_scope"), skipped("offer_excluded")),
    "offer_excluded": (skipped("offer_excluded"), skipped("out_of_scope")),
    "more_specific_won": (
        converted(
            None,
            evaluated(),
            evaluated("more_specific_won", "pbk_broad"),
            deliveries=(a_delivery(),),
            postbacks=owners(make_postback(), make_postback(id="pbk_broad", name="Broad")),
        ),
        WELL,
    ),
    "payout_zero": (skipped("payout_zero"), skipped("too_old", max_age_seconds=60)),
    "conversion_too_late": (skipped("too_old", max_age_seconds=60), skipped("payout_zero")),
    "event_differs": (skipped("event_differs"), skipped("out_of_scope")),
    "shown_in_browser": (skipped("shown_in_browser"), skipped("out_of_scope")),
    "click_not_counted": (
        only_clicked(
            click=REPEATED,
            offer=CPC,
            postbacks=owners(ON_CLICK),
            now=tuple(examine_click(REPEATED, CPC, make_affiliate(), [ON_CLICK])),
        ),
        only_clicked(
            offer=CPC,
            postbacks=owners(ON_CLICK),
            now=tuple(examine_click(CLICK, CPC, make_affiliate(), [ON_CLICK])),
        ),
    ),
}


def failed_attempt(kind: ErrorKind) -> Facts:
    """The attempt got no answer; it is tried again in a minute."""
    return answered(None, error_kind=kind.value, error_detail="What happened.")


def cancelled(reason: str) -> Facts:
    """The delivery was ended on purpose."""
    return sent(a_delivery(State.CANCELLED, ended_because=reason))


DISABLED = {"disabled_at": NOW_MS - MINUTE_MS, "disabled_reason": "attempts_exhausted"}
WAITING = a_delivery(State.PENDING, next_at=NOW_MS + MINUTE_MS)
LATE = a_delivery(State.PENDING, next_at=NOW_MS - 2 * MINUTE_MS)
PARKED = a_delivery(State.PARKED)
GAVE_UP = a_delivery(State.FAILED, an_attempt(500), ended_because="attempts_exhausted")

DELIVERIES: dict[str, Pair] = {
    "delivery_delayed": (sent(WAITING), sent(replace(WAITING, next_at=NOW_MS))),
    "delivery_in_work": (sent(replace(WAITING, next_at=NOW_MS)), sent(WAITING)),
    "no_worker": (sent(LATE, worker_seen_at=None), sent(LATE)),
    "delivery_overdue": (sent(LATE), sent(LATE, worker_seen_at=NOW_MS - HOUR_MS)),
    "parked_disabled": (sent(PARKED, postbacks=owners(**DISABLED)), sent(PARKED)),
    "parked_switched_off": (
        sent(PARKED, postbacks=owners(make_postback(enabled=False))),
        sent(PARKED, postbacks=owners(**DISABLED)),
    ),
    "disabled_by_failures": (sent(GAVE_UP, postbacks=owners(**DISABLED)), sent(GAVE_UP)),
    "delivery_superseded": (
        sent(
            a_delivery(State.CANCELLED, ended_because="superseded"),
            a_delivery(id="dlv_2"),
            asked=Asked("dlv_1", Kind.DELIVERY, "dlv_1"),
        ),
        cancelled("not_resumed"),
    ),
    "postback_deleted": (cancelled("postback_archived"), cancelled("by_hand")),
    "not_resumed": (cancelled("not_resumed"), cancelled("by_hand")),
    "parked_too_long": (cancelled("parked_too_long"), cancelled("by_hand")),
    "delivery_cancelled": (cancelled("by_hand"), cancelled("superseded")),
    "refused_by_guard": (
        sent(
            a_delivery(
                State.FAILED, an_attempt(None, error_kind="refused", error_detail="A private address.")
            )
        ),
        failed_attempt(ErrorKind.CONNECT),
    ),
    "template_broken": (
        sent(
            a_delivery(State.FAILED, an_attempt(None, error_kind="template", error_detail="Unknown macro."))
        ),
        failed_attempt(ErrorKind.INTERNAL),
    ),
    "host_not_found": (failed_attempt(ErrorKind.DNS_NOT_FOUND), failed_attempt(ErrorKind.DNS_FAILED)),
    "name_service_failed": (failed_attempt(ErrorKind.DNS_FAILED), failed_attempt(ErrorKind.DNS_NOT_FOUND)),
    "connection_refused": (failed_attempt(ErrorKind.CONNECT), failed_attempt(ErrorKind.RESET)),
    "certificate_rejected": (failed_attempt(ErrorKind.TLS), failed_attempt(ErrorKind.CONNECT)),
    "timed_out": (failed_attempt(ErrorKind.TIMEOUT), failed_attempt(ErrorKind.CONNECT)),
    "connection_broken": (failed_attempt(ErrorKind.RESET), failed_attempt(ErrorKind.TIMEOUT)),
    "answer_not_http": (failed_attempt(ErrorKind.PROTOCOL), failed_attempt(ErrorKind.RESET)),
    "delivery_our_fault": (failed_attempt(ErrorKind.INTERNAL), failed_attempt(ErrorKind.TIMEOUT)),
}


def redirect(to: str) -> Facts:
    """The tracker sent us elsewhere."""
    return answered(302, headers=(("Location", to),))


PAGE = "<!DOCTYPE html><html><head><title>Shop</title></head><body>Welcome to our shop</body></html>"
WALL = (
    "<html><head><title>Just a moment...</title></head><body>Cloudflare: checking your browser</body></html>"
)
LOGIN = "<html><body><form><input name=user><input type='password' name=p></form></body></html>"
SELF = "http://tracker.example.com"

ANSWERS: dict[str, Pair] = {
    "redirect_to_https": (
        redirect("https://tracker.example.com/postback"),
        redirect("https://elsewhere.example.com/postback"),
    ),
    "login_page": (redirect("/login?next=/postback"), redirect("/moved")),
    "redirected": (redirect("https://elsewhere.example.com/"), redirect("https://tracker.example.com/x")),
    "key_refused": (answered(401, "no"), answered(403, "no")),
    "forbidden": (answered(403, "no"), answered(403, WALL)),
    "blocked_by_firewall": (answered(403, WALL), answered(403, "blocked key")),
    "click_unknown_to_tracker": (answered(200, 'SubID not found "abc"'), answered(200, "OK, click recorded")),
    "path_not_found": (answered(404, "nope"), answered(404, "click not found")),
    "method_not_allowed": (answered(405), answered(404)),
    "receiver_gone": (
        sent(
            a_delivery(State.FAILED, an_attempt(410, "gone"), ended_because="gone"),
            postbacks=owners(disabled_at=NOW_MS, disabled_reason="gone"),
        ),
        answered(404, "gone"),
    ),
    "rate_limited": (answered(429), answered(503)),
    "receiver_error": (answered(502, "Bad Gateway"), answered(429)),
    "request_refused": (answered(400, "payout must be a number"), answered(500)),
    "answer_fails_rule": (
        answered(200, "queued", error_kind="body"),
        answered(200, "queued"),
    ),
    "answered_duplicate": (answered(200, "Duplicate conversion"), answered(200, "Conversion saved")),
    "answered_error": (
        answered(200, '{"status":"error","message":"invalid key"}'),
        answered(200, '{"status":"ok","error":null,"errors":[],"message":""}'),
    ),
    "answered_with_page": (answered(200, PAGE), answered(200, "<ok/>")),
    "delivered": (WELL, answered(200, "error")),
    "test_only": (sent(a_delivery(test=True)), WELL),
}

EXAMPLES: dict[str, Pair] = {**ASKED, **CLICKS, **REPORTS, **MATCHES, **DELIVERIES, **ANSWERS}
BESIDES = frozenset({"more_specific_won", "click_not_counted"})
"""Causes that come after another one which explains more, or that explain the same more narrowly."""
