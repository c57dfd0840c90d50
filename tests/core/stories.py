"""Facts for the rules of a trace: Alice's click, her conversion, her postback and one delivery of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.core.deliveries import DeliveryState
from redound.core.evaluating import examine_conversion
from redound.core.reports import Verdict
from redound.core.trace.facts import (
    Asked,
    Attempt,
    Delivery,
    Evaluated,
    Facts,
    Kind,
    NearMiss,
    Owner,
    Report,
)
from redound.core.trace.likeness import How, Likeness
from tests.builders import (
    HOUR_MS,
    NOW_MS,
    make_affiliate,
    make_click,
    make_conversion,
    make_goal,
    make_offer,
    make_postback,
    make_transition,
)

if TYPE_CHECKING:
    from redound.core.catalog import Postback
    from redound.core.conversions import Conversion

MINUTE_MS = 60_000
CLICK = make_click()


def a_report(verdict: Verdict = Verdict.ACCEPTED, **changes: Any) -> Report:
    """The advertiser's report for Alice's click, half an hour ago."""
    defaults: dict[str, Any] = {
        "id": "rpt_1",
        "at": NOW_MS - HOUR_MS // 2,
        "verdict": verdict,
        "click_id": CLICK.id,
        "detail": "What was wrong.",
    }
    return Report(**(defaults | changes))


def an_attempt(status: int | None = 200, body: str = "OK", **changes: Any) -> Attempt:
    """One try of Alice's postback, a minute ago."""
    number = changes.get("number", 1)
    defaults: dict[str, Any] = {
        "id": f"att_{number}",
        "number": number,
        "started_at": NOW_MS - MINUTE_MS,
        "duration_ms": 40,
        "method": "GET",
        "url": "http://tracker.example.com/postback?cid=tracker-click-1",
        "status": status,
        "body": body,
    }
    if status is not None and not 200 <= status < 300:
        defaults["error_kind"] = "redirect" if 300 <= status < 400 else "status"
    return Attempt(**(defaults | changes))


def a_delivery(
    state: DeliveryState = DeliveryState.DELIVERED, *attempts: Attempt, **changes: Any
) -> Delivery:
    """What Alice's postback owes for the conversion; delivered and failed ones ended a minute ago."""
    ended = state in {DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED}
    defaults: dict[str, Any] = {
        "id": "dlv_1",
        "postback_id": "pbk_tracker",
        "conversion_id": "cnv_1",
        "transition_id": "trn_1",
        "state": state,
        "created_at": NOW_MS - 2 * MINUTE_MS,
        "finished_at": NOW_MS - MINUTE_MS if ended else None,
        "attempts": attempts or ((an_attempt(),) if state is DeliveryState.DELIVERED else ()),
    }
    return Delivery(**(defaults | changes))


def evaluated(reason: str = "fires", postback_id: str = "pbk_tracker", **changes: Any) -> Evaluated:
    """What was made of Alice's postback for the conversion."""
    defaults: dict[str, Any] = {
        "postback_id": postback_id,
        "fired": reason in {"fires", "parked_disabled"},
        "reason": reason,
        "conversion_id": "cnv_1",
        "transition_id": "trn_1",
        "at": NOW_MS - HOUR_MS // 2,
        "detail": "" if reason == "fires" else "Why it was skipped.",
    }
    return Evaluated(**(defaults | changes))


def owners(*postbacks: Postback, **health: Any) -> dict[str, Owner]:
    """Postbacks with their health, by ID; Alice's tracker when none is given."""
    return {each.id: Owner(each, **health) for each in postbacks or (make_postback(),)}


def only_clicked(**changes: Any) -> Facts:
    """Alice's click, and nothing after it; the offer's last report came a minute ago."""
    defaults: dict[str, Any] = {
        "asked": Asked(CLICK.id, Kind.CLICK, CLICK.id),
        "now_ms": NOW_MS,
        "click": CLICK,
        "offer": make_offer(make_goal(), make_goal("deposit")),
        "affiliate": make_affiliate(),
        "goals": {"gol_sale": make_goal(), "gol_deposit": make_goal("deposit")},
        "postbacks": owners(),
        "offer_reported_at": NOW_MS - MINUTE_MS,
        "worker_seen_at": NOW_MS - 1000,
    }
    return Facts(**(defaults | changes))


def refused(verdict: Verdict, **changes: Any) -> Facts:
    """The click's one report got this verdict and led to nothing."""
    return only_clicked(reports=(a_report(verdict, **changes),))


def converted(conversion: Conversion | None = None, *answers: Evaluated, **changes: Any) -> Facts:
    """An accepted conversion for which nothing fired, with what was made of the postbacks."""
    conversion = conversion or make_conversion(created_at=NOW_MS - HOUR_MS // 2)
    defaults: dict[str, Any] = {
        "reports": (a_report(conversion_id=conversion.id),),
        "conversions": (conversion,),
        "transitions": (make_transition(conversion),),
        "evaluated": answers,
    }
    return only_clicked(**(defaults | changes))


def sent(*deliveries: Delivery, **changes: Any) -> Facts:
    """The postback fired; what became of it is given, else it was delivered."""
    return converted(None, evaluated(), **({"deliveries": deliveries or (a_delivery(),)} | changes))


def answered(status: int | None, body: str = "", **attempt: Any) -> Facts:
    """The tracker answered (or did not): 2xx is a delivery, anything else is tried again in a minute."""
    made = an_attempt(status, body, **attempt)
    if not made.error_kind:
        return sent(a_delivery(DeliveryState.DELIVERED, made))
    return sent(a_delivery(DeliveryState.RETRYING, made, next_at=NOW_MS + MINUTE_MS))


def near(how: How, claimed: str, original: str, slot: str = "") -> Facts:
    """A report came that names something like the click."""
    report = a_report(Verdict.MALFORMED_CLICK_ID, click_id=claimed)
    return only_clicked(near=(NearMiss(report, Likeness(how, original, slot)),))


def today(*postbacks: Postback) -> dict[str, Any]:
    """What postbacks would make of the default conversion now, as changes of facts."""
    conversion = make_conversion(created_at=NOW_MS - HOUR_MS // 2)
    found = examine_conversion(
        conversion, make_transition(conversion), make_goal(), make_offer(), make_affiliate(), postbacks
    )
    return {"postbacks": owners(*postbacks), "now": tuple(found)}
