"""`redound trace`: the story of a click and the likely cause when its conversion does not show up."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, data, data_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller

Values = dict[str, Any]


class Lang(StrEnum):
    """The languages of a trace."""

    EN = "en"
    RU = "ru"


_HEADS = {
    Lang.EN: {
        "story": "What happened",
        "cause": "Likely cause",
        "also": "Also",
        "do": "What to do",
        "notes": "About",
    },
    Lang.RU: {
        "story": "Что произошло",
        "cause": "Вероятная причина",
        "also": "Также",
        "do": "Что делать",
        "notes": "Трекер",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(
        app,
        "trace",
        "Find out why a conversion does not show up.",
        "trace d1z2wkm1q9v3jr3zq0h8dw8sx5nckk4g3v6e5c1s",
        "trace MYTEST123",
        "trace --json dlv_0197f0a1b2c3d4e5f60718293a4b",
    )(trace)


def trace(
    q: Annotated[
        str, typer.Argument(help="A click ID, sub value, txid, or a conversion's, delivery's or report's ID.")
    ],
    affiliate: Annotated[str, typer.Option(help="See it as this affiliate (aff_…) does.")] = "",
    lang: Annotated[Lang, typer.Option(help="The language of the sentences.")] = Lang.EN,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell the whole story of a click, and the likely cause when something is missing."""
    if not q.strip():
        raise CommandError("There is nothing to trace.", "Give a click ID or a sub value.", Exit.USAGE)
    with installation():
        from redound.console.records.trace import trace as told

        found = told(q, _caller(affiliate), lang.value)
        if as_json:
            data_json(found)
            return
        for line in _lines(found, lang):
            # What a receiver answered may hold control sequences; a terminal would obey them.
            data("".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line))


def _caller(affiliate_id: str) -> Caller:
    if not affiliate_id:
        return operator("trace")
    from dataclasses import replace

    from redound.console.catalog.models import Affiliate

    row = Affiliate.objects.filter(pk=affiliate_id).first()
    if row is None:
        raise CommandError(f"There is no affiliate {affiliate_id}.", "`redound export` lists them.")
    return replace(operator("trace"), affiliate_id=row.pk, postbacks_enabled=row.postbacks_enabled)


def _lines(found: Values, lang: Lang) -> Iterator[str]:
    heads = _HEADS[lang]
    if found["story"]:
        yield heads["story"]
        for event in found["story"]:
            yield f"  {event['at']}  {event['text']}"
        yield ""
    for number, cause in enumerate(filter(None, [found["diagnosis"], *found["further"]])):
        yield f"{heads['also'] if number else heads['cause']}: {cause['text']} ({cause['code']})"
        yield f"  {heads['do']}: {cause['remedy']}"
    for tracker in found["trackers"]:
        for note in tracker["notes"]:
            yield f"{heads['notes']} {tracker['name']}: {note}"
