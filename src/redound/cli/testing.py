"""`redound test`: try a postback, and read what the answer means beside that to a wrong click ID."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, data, data_json, record, say

if TYPE_CHECKING:
    from redound.console.postbacks.models import Postback

Values = dict[str, Any]


class Lang(StrEnum):
    """The languages of what an answer means."""

    EN = "en"
    RU = "ru"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(
        app,
        "test",
        "Try a postback.",
        "test pbk_0197f0a1b2c3d4e5f60718293a4b",
        "test pbk_0197f0a1b2c3d4e5f60718293a4b --click d1z2wkm1q9v3jr3zq0h8dw8sx5nckk4g3v6e5c1s --control",
        "test pbk_0197f0a1b2c3d4e5f60718293a4b --preview",
    )(try_postback)


def try_postback(
    postback_id: Annotated[str, typer.Argument(metavar="POSTBACK", help="The postback's ID (pbk_…).")],
    click: Annotated[str, typer.Option(help="With the values of this click.")] = "",
    conversion: Annotated[str, typer.Option(help="With the values of this conversion (cnv_…).")] = "",
    control: Annotated[
        bool, typer.Option("--control", help="Send it again with a wrong click ID, and compare.")
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show the request; send nothing.")] = False,
    lang: Annotated[Lang, typer.Option(help="The language of the sentences.")] = Lang.EN,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Send a test through the running server, and say what the answer probably means.

    Without a click or conversion, sample values are sent. Ends with exit code 3 when the test did not get
    through. Tests are marked and never counted.
    """
    if preview and control:
        raise CommandError("--preview sends nothing, so there is no control.", code=Exit.USAGE)
    with installation():
        from redound.console.postbacks.sampling import sample
        from redound.console.records.tester import preview_values, tried_values
        from redound.console.tools.tester import try_out

        row = _find(postback_id)
        wanted = sample(click, conversion, operator("test"))
        if preview:
            _show_request(preview_values(row, wanted), as_json=as_json)
            return
        found = tried_values(try_out(row, wanted, with_control=control), lang.value)
    if as_json:
        data_json(found)
    else:
        _show(found)
    if found["outcome"] != "delivered":
        say("redound: the test did not get through.")
        raise typer.Exit(Exit.CHECK_FAILED)


def _find(postback_id: str) -> Postback:
    from redound.console.postbacks.models import Postback

    row = Postback.objects.filter(pk=postback_id).first()
    if row is None:
        raise CommandError(f"There is no postback {postback_id}.", "`redound export` lists them.")
    return row


def _show_request(found: Values, *, as_json: bool) -> None:
    if as_json:
        data_json(found)
        return
    request = found["request"]
    if request is None:
        raise CommandError(found["problem"])
    data(f"{request['method']} {request['url']}")
    if request["body"]:
        data(_printable(request["body"]))


def _show(found: Values) -> None:
    _show_attempt(found)
    _show_meanings(found["meanings"])
    control = found["control"]
    if control is None:
        return
    data("")
    data(f"Control: {control['text']} ({control['conclusion']})")
    if control["attempt"] is not None:
        _show_attempt(control["attempt"])


def _show_attempt(attempt: Values) -> None:
    response, error = attempt["response"] or {}, attempt["error"] or {}
    shown = {
        "sent": f"{attempt['request']['method']} {attempt['request']['url']}",
        "took": f"{attempt['duration_ms']} ms",
        "answer": response.get("status", "none"),
        "body": _printable(response.get("body", "")),
    }
    record(shown if not error else {**shown, "error": _printable(f"{error['kind']}: {error['detail']}")})


def _show_meanings(meanings: list[Values]) -> None:
    for number, each in enumerate(meanings):
        data(_printable(f"{'Also' if number else 'Meaning'}: {each['text']} ({each['code']})"))
        data(_printable(f"  What to do: {each['remedy']}"))


def _printable(text: str) -> str:
    """Return a receiver's words without control sequences: a terminal would obey them."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
