"""Bodies of postbacks: what a new one consists of, and what an edit may say."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from redound.console.catalog.forms import StatusWord
from redound.console.forms import Edit, Flag, Form, Id, Moment, Name, Seconds, Text

MAX_DELAY_SECONDS = 24 * 3600
MAX_LISTED = 1000
MAX_ATTEMPTS = 100
Value = Annotated[str, StringConstraints(max_length=4096)]
Ids = Annotated[list[Id], Field(max_length=MAX_LISTED)]


def _approved() -> list[StatusWord]:
    return ["approved"]


class PairForm(Form):
    """A parameter or header. A secret's value is never read back; null keeps the one that is stored."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    value: Value | None = None
    secret: Flag = False
    has_value: bool | None = None


class AuthForm(Form):
    """How the receiver knows us: `login` and `password`, a `token`, or a `token` in the header `name`."""

    type: Literal["none", "basic", "bearer", "header"] = "none"
    login: Value | None = None
    password: Value | None = None
    token: Value | None = None
    name: Value | None = None
    has_value: bool | None = None


class SuccessForm(Form):
    """What makes a 2xx answer a success beyond its status."""

    body_contains: Value | None = None
    body_not_contains: Value | None = None


class PostbackNew(Form):
    """A rule and a template. Without `affiliate_id` it is a manager's, of level offer or brand.

    With `delivery` "html" the `body` is the HTML that the visitor's browser is shown, and there is no `url`.
    """

    name: Name
    affiliate_id: Id | None = None
    enabled: Flag = True
    event: Literal["click", "conversion"] = "conversion"
    goals: Literal["any", "base", "events"] | Ids = "any"
    statuses: Annotated[list[StatusWord], Field(max_length=5)] = Field(default_factory=_approved)
    status_mode: Literal["each", "all", "once"] = "each"
    level: Literal["affiliate", "brand", "offer", "campaign", "link"] = "affiliate"
    include: Ids = Field(default_factory=list)
    exclude_offers: Ids = Field(default_factory=list)
    payout_above_zero: Flag = False
    max_age_seconds: Seconds | None = None
    delay_seconds: Annotated[int, Field(ge=0, le=MAX_DELAY_SECONDS, strict=True)] = 0
    delivery: Literal["s2s", "html"] = "s2s"
    method: Literal["GET", "POST_FORM", "POST_JSON"] = "GET"
    url: Text = ""
    params: Annotated[list[PairForm], Field(max_length=50)] = Field(default_factory=list)
    headers: Annotated[list[PairForm], Field(max_length=50)] = Field(default_factory=list)
    body: Annotated[str, StringConstraints(max_length=65_536)] | None = None
    auth: AuthForm | None = None
    success: SuccessForm | None = None
    max_attempts: Annotated[int, Field(ge=1, le=MAX_ATTEMPTS, strict=True)] | None = None
    retry_schedule: Annotated[list[str], Field(min_length=1, max_length=MAX_ATTEMPTS)] | None = None
    strict_disable: Flag = False
    sign: Flag = False


class PostbackEdit(Edit, PostbackNew):
    """Changes of a postback; it stays with its affiliate. A secret that is left out is kept."""

    name: Name = ""
    url: Text = ""


class PreviewForm(Form):
    """Whose values to take: those of a conversion, or of a click and its last conversion; else samples."""

    click_id: Annotated[str, StringConstraints(max_length=100)] | None = None
    conversion_id: Annotated[str, StringConstraints(max_length=100)] | None = None


class PostbackDraft(PostbackNew):
    """A postback that is still being written, so nothing is required yet."""

    name: Name = "Draft"


class DraftForm(PreviewForm):
    """A postback that is not stored, and whose values to take.

    With `postback_id` it is a change of that one: what is left out, secrets too, is the stored one's.
    """

    postback: PostbackDraft
    postback_id: Id | None = None


class TestForm(PreviewForm):
    """What to send a test with. `control` sends it again with a wrong click ID, to compare the answers."""

    control: Flag = False


class ApprovalForm(Form):
    """The HTML that is approved, so that nobody approves what was changed a moment before."""

    body: Annotated[str, StringConstraints(max_length=65_536)]


class EnableForm(Form):
    """What to catch up on.

    Parked deliveries from before `resume_since` are cancelled instead of resumed; failed ones are sent again
    when `retry_failed` is set, or those since `retry_failed_since`.
    """

    resume_since: Moment | None = None
    retry_failed: Flag = False
    retry_failed_since: Moment | None = None
