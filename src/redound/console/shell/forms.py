"""From an HTML form to the forms of the console, and its faults back to the fields.

The pages write through the same pydantic forms as the API, so a field has one set of rules. A form's field
that repeats becomes a list, `a.b` an object's member; what is left empty counts as not given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from redound.console.errors import Fault, InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a form, by field. `of(name)` takes a field's name, an item of a list included."""

    by_pointer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> list[str]:
        """Return the sentences about a field and about what is inside it."""
        pointer = "/" + name.replace(".", "/")
        return [
            sentence
            for at, sentences in self.by_pointer.items()
            if at == pointer or at.startswith(pointer + "/")
            for sentence in sentences
        ]

    def elsewhere(self, names: Iterable[str]) -> list[str]:
        """Return the sentences that belong to none of the fields that a page shows."""
        pointers = ["/" + name.replace(".", "/") for name in names]
        return [
            sentence
            for at, sentences in self.by_pointer.items()
            if not any(at == pointer or at.startswith(pointer + "/") for pointer in pointers)
            for sentence in sentences
        ]

    @property
    def all(self) -> list[str]:
        """Every sentence once."""
        return list(dict.fromkeys(s for sentences in self.by_pointer.values() for s in sentences))

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.by_pointer)


NONE = Faults()


def faults_of(error: InvalidError) -> Faults:
    """Return an error's faults by field."""
    found: dict[str, tuple[str, ...]] = {}
    for fault in error.faults:
        found[fault.pointer] = (*found.get(fault.pointer, ()), fault.detail)
    return Faults(found)


def read(form: type[B], values: Mapping[str, Any]) -> B:
    """Return the form filled with values; InvalidError with a fault for each that cannot be."""
    try:
        return form.model_validate(values)
    except ValidationError as error:
        raise InvalidError([_fault(each) for each in error.errors()]) from None


def _fault(error: Any) -> Fault:
    place = [str(part) for part in error["loc"] if not str(part).startswith("function-")]
    name = ".".join(place)
    if error["type"] == "missing":
        return Fault("/" + "/".join(place), "missing", _("This field is needed."))
    message = error["msg"].removeprefix("Value error, ")
    return Fault("/" + "/".join(place), error["type"], f"{name}: {message}.")


def given(data: QueryDict, *names: str, lists: Iterable[str] = ()) -> dict[str, Any]:
    """Return the named fields of a submitted form, blank ones left out; those of `lists` as lists."""
    found: dict[str, Any] = {name: text for name in names if (text := str(data.get(name, "")).strip())}
    for name in lists:
        found[name] = [value for value in map(str, data.getlist(name)) if value.strip()]
    return found
