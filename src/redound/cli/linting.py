"""`redound lint`, `redound parse` and `redound translate`: a URL examined without any database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.output import CommandError, Exit, command, data, data_json, record, say, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redound.core.gallery import Tracker
    from redound.core.lint.engine import Finding
    from redound.core.translate import Translation

_Json = Annotated[bool, typer.Option("--json", help="One JSON object a URL.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(
        app,
        "lint",
        "Say what is wrong with a postback URL.",
        "lint 'https://tracker.example.com/pb?cid={sub1}&payout={payout}'",
        "lint --link 'https://go.example.com/c/ab12cd3?sub2={clickid}' 'https://t.example.com/pb?cid={sub1}'",
        "lint --tracker keitaro --stdin --json < urls.txt",
    )(lint)
    command(
        app,
        "parse",
        "Take a URL apart.",
        "parse 'https://tracker.example.com/pb?cid={sub1}&payout={payout}'",
        "parse --json 'https://tracker.example.com/pb?cid=#s2#'",
    )(parse)
    command(
        app,
        "translate",
        "Rewrite another platform's URL to our macros, or ours to theirs.",
        "translate 'https://tracker.example.com/pb?cid=#s2#&payout=#price#'",
        "translate --from tune 'https://tracker.example.com/pb?cid={aff_sub}'",
        "translate --to cake 'https://tracker.example.com/pb?cid={sub2}'",
    )(translate)


def lint(
    urls: Annotated[list[str] | None, typer.Argument(metavar="[URL]...", help="Postback URLs.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read a URL a line from standard input.")] = False,
    as_json: _Json = False,
    link: Annotated[
        list[str] | None, typer.Option(help="Your link with the tracker's macros; repeatable.")
    ] = None,
    tracker: Annotated[str, typer.Option(help="The tracker that the URL is for, as in the gallery.")] = "",
    status: Annotated[
        list[str] | None, typer.Option(help="A status the postback fires for; repeatable.")
    ] = None,
    goal: Annotated[list[str] | None, typer.Option(help="A goal it fires for; repeatable.")] = None,
    affiliate: Annotated[bool, typer.Option("--affiliate", help="No macros of the manager.")] = False,
    language: Annotated[str, typer.Option("--lang", help="Language of the sentences: en or ru.")] = "en",
) -> None:
    """Say what is wrong with postback URLs, with severity, place and correction of each mistake.

    Ends with exit code 3 when one of them has an error; warnings do not count.
    """
    from redound import gallery
    from redound.core.lint.engine import LintContext, Severity
    from redound.core.lint.engine import lint as judge
    from redound.core.lint.shapes import lint_values

    context = LintContext(
        statuses=_listed(status),
        goals=_listed(goal),
        links=tuple(map(_readable, link or ())),
        tracker=_tracker(tracker),
        trackers=gallery.index(),
        manager=not affiliate,
    )
    errors = 0
    for url in _urls(urls, stdin=stdin):
        findings = judge(url, context)
        errors += sum(finding.severity is Severity.ERROR for finding in findings)
        if as_json:
            data_json(lint_values(url, findings, language))
        else:
            _show(url, findings, language)
    if errors:
        say(f"redound: {errors} error{'s' if errors > 1 else ''} found; docs/lint.md explains each code.")
        raise typer.Exit(Exit.CHECK_FAILED)


def parse(
    url: Annotated[str, typer.Argument(help="Any string that may be a URL.")],
    as_json: _Json = False,
) -> None:
    """Show scheme, host, path and every parameter, with its macros and what would be sent as a sample."""
    from redound import gallery
    from redound.core.lint.engine import LintContext
    from redound.core.lint.engine import lint as judge
    from redound.core.lint.shapes import parse_values
    from redound.core.parsing import parse as take_apart

    url = _readable(url)
    values = parse_values(take_apart(url), judge(url, LintContext(trackers=gallery.index())))
    if as_json:
        data_json(values)
        return
    record({name: values[name] for name in ("scheme", "host", "port", "path", "fragment")})
    rows = [
        (
            row["name"] or f"({row['where']})",
            row["value"],
            ", ".join(macro["macro"] or f"{macro['text']}?" for macro in row["macros"]) or "constant",
            row["sample"] or "",
            ", ".join(finding["code"] for finding in row["findings"]),
        )
        for row in values["rows"]
    ]
    table(("Parameter", "Value", "Macro", "Sample", "Findings"), rows)


def translate(
    url: Annotated[str, typer.Argument(help="A postback URL.")],
    source: Annotated[str, typer.Option("--from", help="The platform it was written for.")] = "",
    to: Annotated[str, typer.Option("--to", help="The platform to rewrite it to, from our macros.")] = "",
    as_json: _Json = False,
) -> None:
    """Rewrite the macros of a URL and list those that have no counterpart.

    Without --from the platform is recognised; with --to the URL is rewritten for that platform.
    """
    from redound.core.lint.shapes import translation_values

    translation = _translated(_readable(url), source, to)
    if as_json:
        data_json(translation_values(translation))
        return
    data(translation.url)
    if not source and not to:
        known = ", ".join(f"{each.platform} ({each.confidence:.0%})" for each in translation.candidates[:3])
        say(f"Recognised: {known or 'no platform'}.")
    for macro in translation.unmapped:
        say(f"{macro} has no counterpart and stays as it is.")
    for note in translation.notes:
        say(note)


def _translated(url: str, source: str, to: str) -> Translation:
    from redound.core.translate import UnknownPlatformError
    from redound.core.translate import translate as rewrite

    try:
        return rewrite(url, source, to)
    except UnknownPlatformError as error:
        raise CommandError(str(error), "", Exit.USAGE) from None


def _urls(given: Sequence[str] | None, *, stdin: bool) -> Iterator[str]:
    if not given and not stdin:
        raise CommandError("Which URL?", "Give one in quotes, or --stdin.", Exit.USAGE)
    yield from map(_readable, given or ())
    if stdin:
        for line in sys.stdin.buffer:
            yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")


def _readable(text: str) -> str:
    """Return an argument without the bytes that are no UTF-8, which could not be printed again."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _listed(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for text in given or () for part in text.split(",") if part.strip())


def _tracker(name: str) -> Tracker | None:
    from redound import gallery

    if not name:
        return None
    found = gallery.find(name)
    if found is None:
        known = ", ".join(gallery.trackers())
        raise CommandError(f"The gallery has no tracker {name!r}.", f"There are {known}.", Exit.USAGE)
    return found


def _show(url: str, findings: Sequence[Finding], language: str) -> None:
    data(url)
    for finding in findings:
        place = "-" if finding.span is None else f"{finding.span[0]}:{finding.span[1]}"
        data(f"  {finding.severity.value}\t{finding.code}\t{place}\t{finding.say(language)}")
        if finding.fix is not None:
            data(f"\tfix\t{finding.fix}")
