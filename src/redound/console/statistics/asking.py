"""What can be asked of statistics: the query parameters that the API and the page share.

Forms are read at run time by pydantic, so this module does without postponed annotations.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from redound.console.columns import milliseconds
from redound.console.errors import Fault, InvalidError
from redound.console.filters import Since, Text, Until
from redound.console.statistics.periods import DAY_MS, whole
from redound.console.statistics.reading import DELIVERY_GROUPS, SUBS, Question

MOST_DAYS = {None: 400, "day": 400, "hour": 31}
"""How long a range may be, by its interval."""
DEFAULT_DAYS = 7


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        msg = f"{name!r} is no time zone, such as Europe/Riga or UTC"
        raise ValueError(msg)
    return name


Zone = Annotated[
    str, Field(max_length=60, description="an IANA time zone; hours and days begin in it"),
    AfterValidator(_known_zone),
]  # fmt: skip


class Asked(BaseModel):
    """What every question has."""

    model_config = ConfigDict(extra="forbid")

    since: Since = None
    until: Until = None
    interval: Literal["hour", "day"] | None = None
    zone: Zone = "UTC"
    compare: Literal["previous"] | None = None
    format: Literal["json", "csv"] = "json"

    def range_ms(self) -> tuple[int, int]:
        """Return since and until in ms, widened to half-hours; the last seven days without them."""
        until = self.until or datetime.now(UTC)
        since = self.since or until - timedelta(days=DEFAULT_DAYS)
        if since >= until:
            raise InvalidError([Fault("?since", "empty_range", "since must be before until.")])
        found = whole(milliseconds(since), milliseconds(until))
        most = MOST_DAYS[self.interval]
        if found[1] - found[0] > (most + 1) * DAY_MS:
            detail = f"The range is longer than {most} days. Ask for less, or by another interval."
            raise InvalidError([Fault("?since", "range_too_long", detail)])
        return found

    def _question(self, names: tuple[str, ...], group: str | None) -> Question:
        filters = {
            name.removesuffix("_id"): value for name in names if (value := getattr(self, name)) is not None
        }
        return Question(*self.range_ms(), ZoneInfo(self.zone), group, self.interval, filters)


class TrafficAsked(Asked):
    """A question about clicks, conversions and money."""

    group_by: (
        Literal["affiliate", "offer", "goal", "campaign", "link", "country", "sub2", "sub3", "sub4", "sub5"]
        | None
    ) = None
    affiliate_id: Text | None = None
    offer_id: Text | None = None
    goal_id: Text | None = None
    campaign_id: Text | None = None
    link_id: Text | None = None
    country: Text | None = None
    sub1: Annotated[Text | None, Field(description="looked up in stored clicks, 1,000 at most")] = None
    sub2: Text | None = None
    sub3: Text | None = None
    sub4: Text | None = None
    sub5: Text | None = None

    def question(self) -> Question:
        """Return the question; InvalidError for combinations that no rollup answers."""
        names = ("affiliate_id", "offer_id", "goal_id", "campaign_id", "link_id", "country", *SUBS)
        question = self._question(names, self.group_by)
        by_link = question.dimensions & {"campaign", "link", "country"}
        if len(question.subs) > 1 or (question.subs and by_link):
            raise InvalidError(
                [
                    Fault(
                        f"?{question.subs[-1]}",
                        "not_combined",
                        "sub2 to sub5 are counted by affiliate, offer and goal alone: not together with each "
                        "other, a campaign, a link or a country.",
                    )
                ]
            )
        if self.sub1 is not None and (question.subs or self.group_by or self.interval or self.compare):
            detail = "sub1 is looked up in the clicks themselves: it gives totals alone."
            raise InvalidError([Fault("?sub1", "not_combined", detail)])
        return question


class DeliveriesAsked(Asked):
    """A question about deliveries of postbacks."""

    group_by: Literal["postback", "affiliate", "offer"] | None = None
    postback_id: Text | None = None
    affiliate_id: Text | None = None
    offer_id: Text | None = None

    def question(self) -> Question:
        """Return the question."""
        return self._question(tuple(f"{name}_id" for name in DELIVERY_GROUPS), self.group_by)
