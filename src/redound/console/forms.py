"""What all forms have in common. A form is the typed body of a POST or PATCH; unknown fields are refused.

Forms are read at run time by pydantic and django-ninja, so their modules do without postponed annotations.
"""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

MAX_INT = 2**31 - 1
MAX_TEMPLATE = 8192
FIRST_YEAR, LAST_YEAR = 1970, 2100


def _printable(text: str) -> str:
    if any(ord(character) < ord(" ") or character == "\x7f" for character in text):
        msg = "must not contain control characters"
        raise ValueError(msg)
    return text


def _in_utc(at: datetime) -> datetime:
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        moment = None
    if moment is None or not FIRST_YEAR <= moment.year < LAST_YEAR:
        msg = f"lies outside of the years {FIRST_YEAR} to {LAST_YEAR}"
        raise ValueError(msg)
    return moment


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_printable),
]
Text = Annotated[str, StringConstraints(max_length=MAX_TEMPLATE)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}_[0-9a-f]{28}$")]
Count = Annotated[int, Field(ge=1, le=MAX_INT, strict=True)]
Seconds = Annotated[int, Field(ge=0, le=MAX_INT, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment as people write it: RFC 3339 with any offset. Kept in UTC."""
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment as the API writes it: RFC 3339, UTC, to the millisecond."""


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field that an edit leaves out stays as it is, so a default would mislead."""
    for part in schema.get("properties", {}).values():
        part.pop("default", None)
    schema.pop("required", None)


class Form(BaseModel):
    """A body. `given` says which fields count: of a new row's form all, of an edit those that were sent."""

    model_config = ConfigDict(extra="forbid")
    edits: ClassVar[bool] = False

    @property
    def given(self) -> AbstractSet[str]:
        """The fields that take effect."""
        return self.model_fields_set if self.edits else type(self).model_fields.keys()


class Edit(Form):
    """Mixed into the form of a new row, with defaults for what that requires, makes its PATCH."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)
    edits: ClassVar[bool] = True


class Shape(BaseModel):
    """What the API answers."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the shape of values that were rendered already."""
        return cls.model_construct(**values)
