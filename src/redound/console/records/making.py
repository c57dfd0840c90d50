"""A conversion that a manager makes by hand: what an advertiser says on the telephone."""

from typing import Annotated

from pydantic import StringConstraints

from redound.console import changing, claiming, intake
from redound.console.accounts.callers import Caller
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.forms import Form
from redound.console.records.judging import ClickId
from redound.core.reports import Refusal, Verdict

Value = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
_POINTERS = {
    Verdict.UNKNOWN_GOAL: "/goal",
    Verdict.UNKNOWN_STATUS: "/status",
    Verdict.BAD_AMOUNT: "/amount",
    Verdict.BAD_CURRENCY: "/currency",
    Verdict.MALFORMED: "",
}
_THERE_ALREADY = frozenset({Verdict.DUPLICATE, Verdict.UPDATED, Verdict.IGNORED_STATUS})


class ConversionNew(Form):
    """A conversion that a manager makes by hand; fields as in a report, and the reason."""

    click_id: ClickId
    goal: Value | None = None
    status: Value | None = None
    amount: Value | None = None
    currency: Value | None = None
    txid: Value | None = None
    customer_id: Value | None = None
    reason: Value | None = None


def make(form: ConversionNew, caller: Caller) -> str:
    """Store the conversion and what it fires; return its ID.

    ConflictError when the click's goal has its conversion already, InvalidError for what cannot be read.
    """
    given = {name: value for name, value in form.model_dump().items() if value and name != "reason"}
    vouched = claiming.from_api(given, "", now_ms(), Catalogue(), claiming.BY_HAND)
    made = intake.make(vouched, caller.by, form.reason or "", changing.manual_delay_ms())
    if not isinstance(made, Refusal):
        return made
    if made.verdict in _THERE_ALREADY:
        raise ConflictError("conversion_exists", f"{made.detail} It is {made.conversion_id}.")
    raise InvalidError([Fault(_POINTERS.get(made.verdict, "/click_id"), made.verdict, made.detail)])
