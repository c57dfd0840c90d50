"""One delivery as its page tells it: what is the matter, every attempt, what was sent and what came back."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from redound.console.pages.deliveries.answers import Answer, answer_of
from redound.console.postbacks.models import Postback
from redound.console.records import attempts as attempt_records
from redound.console.records.attempts import attempts
from redound.console.records.conversions import conversions
from redound.console.records.deliveries import deliveries
from redound.console.tools.meaning import meanings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.render import Values
    from redound.console.traffic.models import Attempt, Delivery
    from redound.core.trace.causes import Diagnosis, Language

MOST_ATTEMPTS = 200
MOST_BODY = 8_000
"""Characters of a body that a page shows; the API has all of it."""
UNFINISHED = frozenset({"pending", "retrying", "parked"})
AGAIN = frozenset({"pending", "retrying", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: its values as the API has them, its answer in a word, and how long after the one before."""

    values: Values
    answer: Answer
    waited_ms: int
    chosen: bool = False

    def __getitem__(self, name: str) -> Any:
        """Return a field, for templates."""
        return self.values[name]

    @property
    def waited(self) -> str:
        """The wait in words."""
        return span(self.waited_ms)


@dataclass(frozen=True, slots=True)
class Told:
    """All that the page of a delivery shows. `tries` stand newest first."""

    values: Values
    postback: Postback | None
    conversion: Values | None
    tries: Sequence[Try]
    meanings: Sequence[Diagnosis]
    language: Language

    @property
    def chosen(self) -> Try | None:
        """The attempt whose request and response are shown."""
        return next((each for each in self.tries if each.chosen), None)

    @property
    def may_retry(self) -> bool:
        """Whether it can be sent now."""
        gone = self.postback is None or self.postback.archived_at is not None
        return not gone and self.values["state"] in AGAIN

    @property
    def may_cancel(self) -> bool:
        """Whether it can be given up."""
        return self.values["state"] in UNFINISHED

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """What probably is the matter: how bad it looks, a sentence, and what to do."""
        looks = {"problem": "bad", "waiting": "warn", "fine": "ok"}
        return [
            (looks[each.cause.tone.value], each.text(self.language), each.remedy(self.language))
            for each in self.meanings
        ]

    @property
    def url(self) -> tuple[str, list[tuple[str, str, str]]]:
        """What was called: the address, and its parameters as (what stands before, name, value)."""
        if self.chosen is None:
            return "", []
        address, mark, query = str(self.chosen["request"]["url"]).partition("?")
        pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
        return address, [
            ("&" if number else "?", name, value) for number, (name, _equals, value) in enumerate(pairs)
        ]

    @property
    def curl(self) -> str:
        """The same request for a shell. Secrets are masked in it, as everywhere."""
        return curl(self.chosen["request"]) if self.chosen is not None else ""


def tell(row: Delivery, caller: Caller, chosen: str = "") -> Told:
    """Return the page of a delivery that the caller may see; `chosen` is the attempt that is looked into."""
    made = list(attempts.visible(caller).filter(delivery_id=row.id).order_by("pk")[:MOST_ATTEMPTS])
    postback = Postback.objects.filter(pk=row.postback_id).first()
    return Told(
        values=deliveries.shapes([row], caller)[0],
        postback=postback,
        conversion=_conversion(row.conversion_id, caller) if row.conversion_id else None,
        tries=_tries(row, made, chosen),
        meanings=meanings(row, made, postback) if postback is not None else (),
        language="ru" if (get_language() or "").startswith("ru") else "en",
    )


def _conversion(conversion_id: str, caller: Caller) -> Values | None:
    row = conversions.visible(caller).select_related("goal").filter(pk=conversion_id).first()
    return {"id": row.id, "status": row.status, "goal": row.goal.name} if row is not None else None


def _tries(row: Delivery, made: Sequence[Attempt], chosen: str) -> list[Try]:
    ids = {each.id for each in made}
    wanted = chosen if chosen in ids else made[-1].id if made else ""
    tries, since = [], row.created_at
    for each in made:
        values = attempt_records.shape(each)
        response = values["response"]
        if response and len(response["body"]) > MOST_BODY:
            values["response"] = {**response, "body": response["body"][:MOST_BODY], "truncated": True}
        tries.append(Try(values, answer_of(each), max(0, each.started_at - since), each.id == wanted))
        since = each.started_at + each.duration_ms
    return tries[::-1]


def span(ms: int) -> str:
    """Return a time in the one or two units that fit it."""
    seconds, minutes, hours = ms // 1_000, ms // 60_000, ms // 3_600_000
    if hours:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes % 60}
    if minutes:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": seconds % 60}
    if seconds:
        return _("%(s)d s") % {"s": seconds}
    return _("%(ms)d ms") % {"ms": ms}


def curl(request: Values) -> str:
    """Return a request as a curl command, quoted for a shell."""
    words = ["curl", "-i", "-X", str(request["method"]), str(request["url"])]
    for name, value in request["headers"].items():
        words += ["-H", f"{name}: {value}"]
    if request["body"]:
        words += ["--data-raw", str(request["body"])]
    return shlex.join(words)
