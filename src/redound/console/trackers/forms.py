"""Bodies of trackers of one's own: what a new one consists of, and what an edit may say."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from redound.console.forms import Edit, Flag, Form, Name

Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s&=?#{}]+$")]
Base = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s?#{}]+$")]
Role = Literal["click", "status", "payout", "currency", "txid", "event", "slot", "account", "other"]


class ParameterForm(Form):
    """A parameter that the tracker reads."""

    name: ParameterName
    role: Role
    meaning: Short = ""
    required: Flag = False
    sent: Flag = True


Parameters = Annotated[list[ParameterForm], Field(min_length=1, max_length=100)]


class TrackerNew(Form):
    """A tracker of one's own. Exactly one parameter has the role `click`."""

    name: Name
    kind: Literal["tracker", "source", "network"] = "tracker"
    base: Base
    click_macro: Short | None = None
    parameters: Parameters
    status_words: dict[Short, Short] = Field(default_factory=dict)
    notes: Annotated[list[Short], Field(max_length=20)] = Field(default_factory=list)
    affiliate_id: Short | None = None


class TrackerEdit(Edit, TrackerNew):
    """Changes of a tracker of one's own; it stays with its owner."""

    name: Name = ""
    base: Base = ""
    parameters: Parameters = Field(default_factory=list)
