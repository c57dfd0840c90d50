"""Status changes by file: a row finds one conversion and changes it as a manager would. None is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import changing, named
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.identity import fresh_id
from redound.console.traffic.models import Click, Conversion
from redound.core.bearings import is_called
from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change
from redound.core.reports import Verdict
from redound.core.states import Actor, word_to_status
from redound.store.plans.reports import change_steps
from redound.store.plans.steps import Batch, LostRaceError
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redound.core.conversions import Conversion as CoreConversion
    from redound.core.decisions import Change
    from redound.core.states import Status
    from redound.store.plans.steps import Step

Values = dict[str, str]
OWN = "cnv_"
_LEAST = 8
UNKNOWN, SEVERAL, NOT_ALLOWED = "unknown_conversion", "several_conversions", "status_change_not_allowed"


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one row: `updated`, `duplicate` or why not, with the field at fault."""

    verdict: str
    field: str = ""
    detail: str = ""
    conversion_id: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    conversion: CoreConversion
    to: Status
    reason: str


class Imagined:
    """How conversions would stand after the rows of a dry run so far: a hundred bytes for each."""

    def __init__(self) -> None:
        self._statuses: dict[bytes, Status] = {}

    def note(self, conversion_id: str, status: Status) -> None:
        """A row would change this conversion."""
        self._statuses[_short(conversion_id)] = status

    def stand(self, conversion: CoreConversion) -> CoreConversion:
        """Return a stored conversion with the status that it would have by now."""
        status = self._statuses.get(_short(conversion.id))
        return conversion if status is None else replace(conversion, status=status)


def _short(conversion_id: str) -> bytes:
    return conversion_id.encode()[len(OWN) :]


def change(
    given: Sequence[Values], advertiser_id: str, by: str, import_id: str, imagined: Imagined | None = None
) -> list[Changed]:
    """Change the conversions of these rows in order; with `imagined`, a dry run, only decide."""
    told: list[Changed] = []
    start, size = 0, len(given)
    while start < len(given):
        # A conversion that is named again is read again, after its first change was stored. Where that
        # happens often, little is read ahead.
        part = _up_to_a_repeat(given[start : start + size], advertiser_id, imagined)
        told += _tried(part, by, import_id, imagined)
        start, size = start + len(part), max(_LEAST, 2 * len(part))
    return told


def _up_to_a_repeat(
    given: Sequence[Values], advertiser_id: str, imagined: Imagined | None
) -> list[_Wish | Changed]:
    catalogue, found = Catalogue(), _Found(given, imagined)
    part: list[_Wish | Changed] = []
    seen: set[str] = set()
    for values in given:
        wish = _wish(values, found, catalogue, advertiser_id)
        if isinstance(wish, _Wish):
            if wish.conversion.id in seen:
                break
            seen.add(wish.conversion.id)
        part.append(wish)
    return part


class _Found:
    """The conversions that a batch of rows may mean."""

    def __init__(self, given: Iterable[Values], imagined: Imagined | None) -> None:
        ids: set[str] = set()
        txids: set[str] = set()
        clicks: set[str] = set()
        for values in given:
            name = values.get("conversion_id", "")
            (ids if name.startswith(OWN) else txids).add(name)
            txids.add(values.get("txid", ""))
            clicks.add(values.get("click_id", "").lower())
        found = [*Conversion.objects.filter(pk__in=ids - {""}).values_list(*rows.CONVERSION)]
        for query, keys in (("conversions_of_txids", txids), ("conversions_of_clicks", clicks)):
            wanted = sorted(keys - {""})
            if wanted:
                found += [tuple(row.values()) for row in named.select(query, named.array(wanted))]
        stored = map(rows.conversion, found)
        standing = stored if imagined is None else map(imagined.stand, stored)
        self._by_id = {each.id: each for each in standing if not each.test}
        self._by_txid: dict[str, list[CoreConversion]] = {}
        self._by_click: dict[str, list[CoreConversion]] = {}
        for each in self._by_id.values():
            self._by_txid.setdefault(each.txid, []).append(each)
            self._by_click.setdefault(each.click_id, []).append(each)

    def meant(self, values: Values) -> tuple[str, list[CoreConversion]]:
        """Return the field that names the conversion, and those that it names."""
        name = values.get("conversion_id", "")
        if name.startswith(OWN):
            return "conversion_id", [self._by_id[name]] if name in self._by_id else []
        if name:
            return "conversion_id", self._by_txid.get(name, [])
        click_id = values.get("click_id", "").lower()
        if values.get("txid"):
            theirs = self._by_txid.get(values["txid"], [])
            return "txid", [each for each in theirs if not click_id or each.click_id == click_id]
        return "click_id", self._by_click.get(click_id, []) if click_id else []


def _wish(values: Values, found: _Found, catalogue: Catalogue, advertiser_id: str) -> _Wish | Changed:
    field, meant = found.meant(values)
    if advertiser_id:
        meant = [each for each in meant if each.advertiser_id == advertiser_id]
    if values.get("goal"):
        meant = [each for each in meant if _is_of(each, values["goal"], catalogue)]
    if not meant:
        return Changed(UNKNOWN, field, "No conversion is known by this.")
    if len(meant) > 1:
        detail = f"{len(meant)} conversions are known by this. Add a goal, or name the conversion's own ID."
        return Changed(SEVERAL, field, detail)
    (conversion,) = meant
    word = values.get("status", "")
    advertiser = catalogue.advertiser(conversion.advertiser_id)
    to = word_to_status(word, advertiser.status_words if advertiser is not None else {}) if word else None
    if to is None:
        detail = f"{word!r} is no status word." if word else "The row names no status."
        return Changed(Verdict.UNKNOWN_STATUS.value, "status", detail, conversion.id)
    return _Wish(conversion, to, values.get("reason", ""))


def _is_of(conversion: CoreConversion, name: str, catalogue: Catalogue) -> bool:
    goal = catalogue.goal(conversion.goal_id)
    return goal is not None and is_called(goal, name)


def _tried(
    part: Sequence[_Wish | Changed], by: str, import_id: str, imagined: Imagined | None
) -> list[Changed]:
    for _ in range(changing.TRIES):
        try:
            with transaction.atomic():
                return _stored(part, by, import_id, imagined)
        except LostRaceError:
            part = _again(part)
    lost = Changed(
        Verdict.INTERNAL_ERROR.value, "", "Others keep changing this conversion. Run the import again."
    )
    return [lost if isinstance(each, _Wish) else each for each in part]


def _again(part: Sequence[_Wish | Changed]) -> list[_Wish | Changed]:
    """Return the same with the conversions as they stand now: somebody else changed one of them."""
    ids = [each.conversion.id for each in part if isinstance(each, _Wish)]
    found = Conversion.objects.filter(pk__in=ids).values_list(*rows.CONVERSION)
    now = {each.id: each for each in map(rows.conversion, found)}
    return [
        _Wish(now[each.conversion.id], each.to, each.reason) if isinstance(each, _Wish) else each
        for each in part
    ]


def _stored(
    part: Sequence[_Wish | Changed], by: str, import_id: str, imagined: Imagined | None
) -> list[Changed]:
    wishes = [each for each in part if isinstance(each, _Wish)]
    changes = _decided(wishes, by, import_id)
    if imagined is None:
        named.perform_batches(_together(changes.values()))
    else:
        for conversion_id, each in changes.items():
            if isinstance(each.outcome, Accepted):
                imagined.note(conversion_id, each.outcome.conversion.status)
    return [_told(each, changes[each.conversion.id]) if isinstance(each, _Wish) else each for each in part]


def _decided(wishes: Sequence[_Wish], by: str, import_id: str) -> Mapping[str, Change]:
    ids = [each.conversion.id for each in wishes]
    named_clicks = {each.conversion.click_id for each in wishes}
    found = Click.objects.filter(pk__in=named_clicks).values_list(*rows.CLICK)
    clicks = {each.id: each for each in map(rows.click, found)}
    fired = named.select("fired_once", named.array(ids)) if ids else []
    facts = Facts(fired=frozenset((each["conversion_id"], each["postback_id"]) for each in fired))
    catalogue, now = Catalogue(), now_ms()
    return {
        each.conversion.id: decide_change(
            each.conversion, clicks.get(each.conversion.click_id), facts, each.to, Actor.MANAGER, by,
            each.reason or f"import {import_id}", now, catalogue, fresh_id,
        )
        for each in wishes
    }  # fmt: skip


def _together(changes: Iterable[Change]) -> list[Batch]:
    """Return what the changes store, each query once for all of them, in the order of a single change."""
    batches: dict[str, Batch] = {}
    for each in changes:
        if not isinstance(each.outcome, Accepted):
            continue
        steps: list[Step] = change_steps(
            each.outcome.conversion,
            each.outcome.transition,
            each.evaluations,
            changing.held_back(each.deliveries),
        )
        for step in steps:
            batch = batches.setdefault(step.query, Batch(step.query, exact=step.expect is not None))
            batch.rows.append(step.values)
    return list(batches.values())


def _told(wish: _Wish, change: Change) -> Changed:
    outcome = change.outcome
    if isinstance(outcome, Accepted):
        return Changed(Verdict.UPDATED.value, conversion_id=wish.conversion.id)
    if outcome.verdict is Verdict.DUPLICATE:
        return Changed(Verdict.DUPLICATE.value, "", outcome.detail, wish.conversion.id)
    return Changed(NOT_ALLOWED, "status", outcome.detail, wish.conversion.id)
