"""Preview: which postbacks would fire for a click and goal, or a new status; nothing is stored or sent."""

from typing import Annotated

from pydantic import StringConstraints

from redound.console.accounts.callers import Caller
from redound.console.catalog.forms import StatusWord
from redound.console.catalogue import Catalogue
from redound.console.forms import Form, Shape
from redound.console.records.attempts import RequestShape
from redound.console.records.conversions import MoneyShape
from redound.console.records.trace import WhatIfShape, scope_of, what_if
from redound.console.render import Values, money
from redound.console.tracing.previewing import Imagined, Preview, preview
from redound.core.conversions import Accepted
from redound.core.evaluating import Evaluation
from redound.core.matching import Reason
from redound.core.money import Money
from redound.core.states import Status

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f]*$")]


class PreviewForm(Form):
    """What is imagined: a report for a click, or (with `conversion_id`) a change of that conversion's status.

    `goal` is a goal's code or ID, without it the base goal; `status` without it is the goal's default.
    """

    click_id: Short | None = None
    conversion_id: Short | None = None
    goal: Short | None = None
    goal_id: Short | None = None
    status: StatusWord | None = None
    amount: Short | None = None
    currency: Short | None = None


class PreviewedShape(WhatIfShape):
    """What a postback would do; `request` is what it would send, secrets masked."""

    parked: bool
    delay_seconds: int
    request: RequestShape | None


class PreviewShape(Shape):
    """What would come of it. With a verdict that refuses, no postback is asked."""

    verdict: str
    detail: str
    goal_id: str | None
    status: str | None
    amount: MoneyShape | None
    payout: MoneyShape | None
    evaluations: list[PreviewedShape]


def previewed(form: PreviewForm, caller: Caller, catalogue: Catalogue | None = None) -> Values:
    """Say which postbacks would fire for a click and a goal, or a change of status.

    `catalogue` is for those who imagine another configuration as well.
    """
    imagined = Imagined(
        click_id=form.click_id or "",
        conversion_id=form.conversion_id or "",
        goal=form.goal or form.goal_id or "",
        status=Status(form.status) if form.status is not None else None,
        amount=form.amount or "",
        currency=form.currency or "",
    )
    return _shape(preview(imagined, scope_of(caller), catalogue))


def _shape(found: Preview) -> Values:
    outcome = found.outcome
    conversion = outcome.conversion if isinstance(outcome, Accepted) else None
    return {
        "verdict": "accepted" if conversion is not None else outcome.verdict.value,
        "detail": outcome.detail,
        "goal_id": conversion.goal_id if conversion is not None else None,
        "status": conversion.status.value if conversion is not None else None,
        "amount": _money(conversion.amount) if conversion is not None else None,
        "payout": _money(conversion.payout) if conversion is not None else None,
        "evaluations": [_previewed(each, found) for each in found.evaluations],
    }


def _money(value: Money | None) -> Values | None:
    return None if value is None else money(value.minor, value.currency)


def _previewed(each: Evaluation, found: Preview) -> Values:
    postback = found.postbacks[each.postback_id]
    sent = found.requests.get(each.postback_id)
    request = (
        {"method": sent.method, "url": sent.url, "headers": dict(sent.headers), "body": sent.body}
        if sent is not None
        else None
    )
    return {
        **what_if(each, postback.name),
        "parked": each.reason is Reason.PARKED,
        "delay_seconds": postback.delay_seconds,
        "request": request,
    }
