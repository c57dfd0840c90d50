"""`redound doctor`: what is wrong with this installation, if anything, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.output import CommandError, Exit, command, data, data_json, rich_console, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redound.cli.checks import Finding
    from redound.settings import Settings

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(app, "doctor", "Check this installation.", "doctor", "doctor --json")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a check.")] = False,
) -> None:
    """Check settings, key, database, data directory, worker, clock, backlog, networks and tracking URL.

    Ends with exit code 3 when a check failed; warnings do not count.
    """
    failed = 0
    for finding in _findings():
        failed += finding.state.value == "failed"
        _show(finding, as_json=as_json)
    if failed:
        problem = f"{failed} of the checks failed."
        raise CommandError(
            problem, "Do what the failed lines say and run `redound doctor` again.", Exit.CHECK_FAILED
        )


def _findings() -> Iterator[Finding]:
    """Yield findings in an order in which the first failure is the cause of later ones."""
    from redound.cli import checks
    from redound.settings import SettingError, load

    try:
        settings = load()
    except SettingError as error:
        yield checks.Finding("settings", checks.State.FAILED, str(error), "See docs/settings.md.")
        return
    yield checks.fine("settings", f"{settings.dialect}, data in {settings.data_dir}")
    yield checks.data_dir(settings)
    yield checks.networks(settings)
    yield checks.tracking_url(settings)
    yield from _database_findings(settings)


def _database_findings(settings: Settings) -> Iterator[Finding]:
    from redound.cli import checks
    from redound.console import runtime

    runtime.start(settings)
    from django.db import connections

    try:
        steps: tuple[Callable[[], Finding], ...] = (
            lambda: checks.database(settings),
            checks.migrations,
            lambda: checks.secret_key(settings),
            checks.worker,
            checks.backlog,
            checks.clock,
        )
        for step in steps:
            finding = step()
            yield finding
            if finding.state is checks.State.FAILED and finding.check in {"database", "migrations"}:
                return
    finally:
        connections.close_all()


def _show(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        data_json(asdict(finding))
        return
    if not terminal():
        data(f"{finding.state.value}\t{finding.check}\t{finding.detail}\t{finding.remedy}".rstrip())
        return
    from rich.text import Text

    mark = Text(f"{finding.state.value:<8}", style=COLOURS[finding.state.value])
    console = rich_console()
    console.print(mark, Text(f"{finding.check:<16} {finding.detail}"))
    if finding.remedy:
        console.print(Text(f"{'':<26}{finding.remedy}", style="dim"))
