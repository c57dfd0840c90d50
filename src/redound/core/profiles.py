"""How an advertiser or network reports: names and words of its own, what a repeat means, what it is answered.

A preset holds what a platform's public documentation says of the postbacks it sends; what that does not say
is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from redound.core.claims import ALIASES
from redound.core.ids import CLICK_ID_LENGTH, NotOurs, read_click_id
from redound.core.reports import HTTP_STATUSES
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redound.core.ids import ClickKeys
    from redound.core.reports import Verdict

OK: Final = 200
SUCCESS_CODES: Final = (200, 201, 202, 204)
SERVER_ERROR: Final = 500
IGNORED: Final = ""
"""What a parameter name maps to that is to be overlooked."""


class RepeatMode(StrEnum):
    """What a report means whose click and goal have a conversion already, where the goal counts once.

    The same txid again is the same conversion in every mode (IGNORE: and changes nothing).
    """

    UPDATE = "update"
    IGNORE = "ignore"
    NEW_TXID = "new_txid"
    ALWAYS_NEW = "always_new"
    ADD_AMOUNT = "add_amount"


@dataclass(frozen=True, slots=True)
class Preset:
    """A platform as sender of reports.

    `click_slot` is the parameter of its tracking link that takes our click ID; `query` is what to enter
    behind our report URL, with the platform's own macros.
    """

    slug: str
    title: str
    click_slot: str
    query: str
    status_words: Mapping[str, Status] = field(default_factory=dict)
    parameter_names: Mapping[str, str] = field(default_factory=dict)


_AFFISE = {"1": Status.APPROVED, "2": Status.PENDING, "3": Status.REJECTED, "5": Status.HOLD}
_EVERY: Final = (
    Preset(
        "trackdesk", "trackdesk", "affS1", "click_id={affS1}&amount={payout}",
        parameter_names={"externalId": "txid", "amount.value": "amount", "amount.currency": "currency"},
    ),
    Preset(
        "everflow", "Everflow", "sub1", "click_id={sub1}&goal={event_name}&amount={payout}&txid={order_id}"
    ),
    Preset("tune", "TUNE", "aff_sub", "click_id={aff_sub}&goal={goal_ref}&amount={payout}&txid={adv_sub}"),
    Preset(
        "affise", "Affise", "sub1",
        "click_id={sub1}&goal={goal}&status={status}&amount={sum}&txid={transactionid}",
        status_words=_AFFISE,
    ),
    Preset("trackier", "Trackier", "p1", "click_id={p1}&goal={goal_value}&amount={payout}&txid={txn_id}"),
    Preset("cake", "CAKE", "s2", "click_id=#s2#&amount=#price#&txid=#tid#"),
    Preset(
        "swaarm", "Swaarm", "",
        "click_id=#{click.publisher.clickId}&goal=#{eventType.name}&status=#{status.state}"
        "&amount=#{payout.theyGetInDollars}&currency=USD",
    ),
    Preset(
        "impact", "impact.com", "SubId1",
        "click_id={SubId1}&goal={ActionTrackerName}&status={Status}&amount={Payout}&txid={OrderId}",
    ),
    Preset(
        "katalys", "Katalys", "aff_sub1",
        "click_id={aff_sub1}&goal={action_type}&status={conversion_status}&amount={payout}",
    ),
    Preset("referon", "ReferOn", "click_id", "click_id={click_id}"),
)  # fmt: skip

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.slug: preset for preset in _EVERY})
"""The platforms of the translator as networks that report to us, by the name they have there."""


@dataclass(frozen=True, slots=True)
class ReportProfile:
    """An advertiser's way of reporting. `aliases`: lower-case parameter name → ours, built-in ones included.

    `answer` is the body of a success that asks for no other. `failure_code` stands for every refusal; what
    could not be stored is 503 and a fault of ours 500 whatever it says, for those are worth a repeat.
    """

    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)
    default_status: Status | None = None
    repeat: RepeatMode = RepeatMode.UPDATE
    answer: str = ""
    success_code: int | None = None
    failure_code: int | None = None

    def http_status(self, verdict: Verdict) -> int:
        """Return the HTTP status of the answer to a report with this verdict."""
        status = HTTP_STATUSES[verdict]
        if status == OK:
            return self.success_code or status
        return status if status >= SERVER_ERROR else self.failure_code or status


STANDARD: Final = ReportProfile()


def aliases_with(own: Mapping[str, str], preset: str = "") -> Mapping[str, str]:
    """Return the table of parameter names: the built-in one, over it the preset's, over that the own names.

    A name that maps to IGNORED is not read at all.
    """
    known = PRESETS.get(preset)
    if not own and (known is None or not known.parameter_names):
        return ALIASES
    table = dict(ALIASES)
    for names in (known.parameter_names if known is not None else {}, own):
        table |= {name.strip().lower(): parameter for name, parameter in names.items()}
    return MappingProxyType({name: parameter for name, parameter in table.items() if parameter != IGNORED})


def words_with(own: Mapping[str, Status], preset: str = "") -> Mapping[str, Status]:
    """Return the advertiser's own status words, and those of its preset that it does not give itself."""
    known = PRESETS.get(preset)
    return own if known is None or not known.status_words else {**known.status_words, **own}


def links_named(pairs: Iterable[tuple[str, str]], keys: ClickKeys) -> Iterator[int]:
    """Yield the numbers of the links of all click IDs of ours among the values, whatever their names."""
    for _, raw in pairs:
        value = raw.strip()
        if len(value) == CLICK_ID_LENGTH:
            parts = read_click_id(keys, value)
            if not isinstance(parts, NotOurs):
                yield parts.link_number
