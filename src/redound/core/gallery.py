"""What a tracker expects, and making the link template and the postback URL for it in matching slots."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redound.core.macros import SUBS
from redound.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redound.core.parsing import Parsed

KINDS: Final = ("tracker", "source", "network")
MACRO_OF: Final[Mapping[Role, str]] = {
    Role.STATUS: "{status}",
    Role.PAYOUT: "{payout}",
    Role.CURRENCY: "{currency}",
    Role.TXID: "{conversion_id}",
    Role.EVENT: "{goal}",
}
"""What is sent in a parameter of each role. The transaction is ours: it is always there and unique."""

_BLANK = re.compile(r"(?<![{A-Za-z])[A-Z]{2,}(?![A-Za-z}])")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a tracker reads. `sent`: it is in the ready-made postback URL."""

    name: str
    role: Role
    meaning: str = ""
    required: bool = False
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Tracker:
    """One entry of the gallery. What its source does not say is blank.

    `base` is the address of its postback, CAPS to be replaced; `click_macro` is what it fills in our link.
    `hosts` are domains of its maker on which its installations live, `paths` those at which it takes
    postbacks (`*` is one segment). `known_by`: "host", "path", "path and parameter" or "" tell when a URL is
    recognisably for it, `marks` are the parameters meant there.
    """

    slug: str
    name: str
    kind: str
    base: str
    click_macro: str = ""
    parameters: tuple[Parameter, ...] = ()
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    known_by: str = ""
    marks: tuple[str, ...] = ()
    without_status: str = ""
    status_words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def click_param(self) -> str:
        """The parameter that takes its click ID."""
        return next((each.name for each in self.parameters if each.role is Role.CLICK), "")

    def has(self, role: Role) -> bool:
        """Return whether it reads a parameter of this role."""
        return any(each.role is role for each in self.parameters)

    def role_of(self, key: str) -> Role | None:
        """Return the role of a parameter by this tracker's own table, None when it is not in there."""
        lower = key.lower()
        return next((each.role for each in self.parameters if each.name.lower() == lower), None)

    def takes(self, path: str) -> bool:
        """Return whether it takes postbacks at this path, as far as is known."""
        return not self.paths or any(_matches(pattern, path) for pattern in self.paths)


def _matches(pattern: str, path: str) -> bool:
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(
        one in {"*", other} or (one == "*" and other) for one, other in zip(wanted, given, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Generated:
    """A link template and a postback URL that fit each other: the slot of one is returned by the other.

    `link` is "" when the tracker's click-ID macro is not known. `blanks` are the words that a person has to
    replace.
    """

    link: str
    postback: str
    slot: str
    blanks: tuple[str, ...]


def generate(
    tracker: Tracker, link: str, slot: int = 1, filled: Mapping[str, str] | None = None
) -> Generated:
    """Make the affiliate's link with the tracker's macro in a sub slot, and the postback URL returning it.

    `filled` replaces blanks such as DOMAIN and KEY. ValueError when the slot is not 1 to 20.
    """
    if not 1 <= slot <= len(SUBS):
        msg = f"A slot is a number from 1 to {len(SUBS)}."
        raise ValueError(msg)
    name = SUBS[slot - 1]
    pairs = []
    for parameter in tracker.parameters:
        if parameter.sent:
            value = f"{{{name}}}" if parameter.role is Role.CLICK else _value(parameter)
            pairs.append(f"{parameter.name}={value}")
    postback = tracker.base + ("?" + "&".join(pairs) if pairs else "")
    for blank, value in (filled or {}).items():
        if blank in _BLANK.findall(postback):
            pieces = re.split(rf"(?<![{{A-Za-z]){re.escape(blank)}(?![A-Za-z}}])", postback)
            postback = value.join(pieces)
    blanks = tuple(dict.fromkeys(_BLANK.findall(postback)))
    return Generated(_with_slot(link, name, tracker.click_macro), postback, name, blanks)


def _value(parameter: Parameter) -> str:
    return MACRO_OF.get(parameter.role) or parameter.name.upper().replace("_", "")


def _with_slot(link: str, name: str, macro: str) -> str:
    if not macro:
        return ""
    before, hash_mark, fragment = link.partition("#") if not macro.startswith("#") else (link, "", "")
    path, question, query = before.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != name]
    return f"{path}?{'&'.join([*kept, f'{name}={macro}'])}{hash_mark}{fragment}" if question or path else ""


class Index:
    """Recognises the tracker that a URL is for."""

    def __init__(self, trackers: Iterable[Tracker]) -> None:
        """Take the entries; of two that fit a URL the first counts."""
        self.trackers = tuple(trackers)
        self._by_host = {host: each for each in self.trackers for host in each.hosts}
        self._by_end: dict[str, list[Tracker]] = {}
        for tracker in self.trackers:
            for path in tracker.paths if tracker.known_by.startswith("path") else ():
                self._by_end.setdefault(path.strip("/").rpartition("/")[2], []).append(tracker)

    def recognise(self, parsed: Parsed) -> Tracker | None:
        """Return the tracker that the URL is recognisably for; a shape that many share is nobody's."""
        host = parsed.host.lower()
        labels = host.split(".")
        for at in range(len(labels) - 1):
            found = self._by_host.get(".".join(labels[at:]))
            if found is not None:
                return found
        path = parsed.of(parsed.path)
        for tracker in self._by_end.get(path.strip("/").rpartition("/")[2], ()):
            marked = tracker.known_by == "path" or any(row.key in tracker.marks for row in parsed.rows)
            if marked and tracker.takes(path):
                return tracker
        return None


def read_tracker(slug: str, table: Mapping[str, Any]) -> Tracker:
    """Return the entry that a table (of a TOML file, or of the API) holds; ValueError says what is wrong."""
    unknown = set(table) - _FIELDS
    if unknown:
        raise ValueError(f"{slug}: unknown fields {', '.join(sorted(unknown))}.")
    for name in ("name", "kind", "base"):
        if not isinstance(table.get(name), str) or not table[name]:
            raise ValueError(f"{slug}: {name} is required.")
    if table["kind"] not in KINDS:
        raise ValueError(f"{slug}: kind is one of {', '.join(KINDS)}.")
    parameters = tuple(_parameter(slug, each) for each in table.get("parameters", ()))
    if sum(each.role is Role.CLICK for each in parameters) != 1:
        raise ValueError(f"{slug}: exactly one parameter has the role click.")
    return Tracker(
        slug,
        *(table["name"], table["kind"], table["base"], table.get("click_macro", "")),
        parameters,
        tuple(table.get("hosts", ())),
        tuple(table.get("paths", ())),
        table.get("known_by", ""),
        tuple(table.get("marks", ())),
        table.get("without_status", ""),
        dict(table.get("status_words", {})),
        tuple(table.get("notes", ())),
        table.get("source", ""),
    )


_FIELDS: Final = frozenset(
    {"name", "kind", "base", "click_macro", "parameters", "hosts", "paths", "known_by", "marks"}
    | {"without_status", "status_words", "notes", "source"}
)


def _parameter(slug: str, table: Mapping[str, Any]) -> Parameter:
    try:
        return Parameter(
            table["name"],
            Role(table["role"]),
            table.get("meaning", ""),
            bool(table.get("required", False)),
            bool(table.get("sent", False)),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{slug}: a parameter needs a name and a role: {error}.") from None
