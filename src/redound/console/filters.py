"""Filters of lists: query parameters named as the fields are. A name that is no filter is refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, WithJsonSchema

from redound.console.errors import Fault, InvalidError
from redound.console.forms import Moment
from redound.console.paging import M, Paging

Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Since = Annotated[Moment | None, Field(description="RFC 3339; this moment and later")]
Until = Annotated[Moment | None, Field(description="RFC 3339; before this moment")]


def one_of(*words: str) -> Any:
    """Return the type of a filter for one or several of these words, separated by commas."""

    def known(text: str) -> str:
        for word in text.split(","):
            if word not in words:
                msg = f"{word!r} is none of {', '.join(words)}"
                raise ValueError(msg)
        return text

    schema = {"type": "string", "description": f"one or several, with commas, of: {', '.join(words)}"}
    return Annotated[str, AfterValidator(known), WithJsonSchema(schema)]


class Filters(Paging):
    """What every list filters by."""

    q: Annotated[Text | None, Field(description="an ID, or part of a name")] = None
    since: Since = None
    until: Until = None

    def wanted(self) -> dict[str, Any]:
        """The filters that were given, without paging."""
        return self.model_dump(exclude_none=True, exclude={"limit", "cursor"})


def refuse_unknown(given: Iterable[str], filters: BaseModel) -> None:
    """Raise InvalidError for parameters that the list does not know: a mistyped filter would show all."""
    known = type(filters).model_fields
    faults = [
        Fault(f"?{name}", "unknown_filter", f"{name} is no filter here. There are: {', '.join(known)}.")
        for name in given
        if name not in known
    ]
    if faults:
        raise InvalidError(faults)


Apply = Callable[[QuerySet[Any], Any], QuerySet[Any]]


def narrow(rows: QuerySet[M], filters: Filters, special: Mapping[str, Apply]) -> QuerySet[M]:
    """Apply the given filters: by a function of `special`, else as the column of that name."""
    for name, value in filters.wanted().items():
        apply = special.get(name)
        if apply is not None:
            rows = apply(rows, value)
        elif isinstance(value, str) and "," in value:
            rows = rows.filter(**{f"{name}__in": value.split(",")})
        else:
            rows = rows.filter(**{name: value})
    return rows


def column(lookup: str) -> Apply:
    """Return a filter on a column that is named differently."""

    def apply(rows: QuerySet[Any], value: object) -> QuerySet[Any]:
        return rows.filter(**{lookup: value})

    return apply


def search(*columns: str) -> Apply:
    """Return the filter `q`: the whole ID, or a part of one of these columns."""

    def apply(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        condition = Q(pk=text)
        for name in columns:
            condition |= Q(**{f"{name}__icontains": text})
        return rows.filter(condition)

    return apply


CREATED: Mapping[str, Apply] = {"since": column("created_at__gte"), "until": column("created_at__lt")}
