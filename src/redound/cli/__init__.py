"""The command `redound`: one file a group of commands, each importing what it needs when it runs."""

from __future__ import annotations

import sys

import typer

from redound.cli import (
    accounts,
    backup,
    configuration,
    deliveries,
    doctor,
    importing,
    invitations,
    jobs,
    linting,
    measuring,
    servers,
    setup,
    statistics,
    tail,
    testing,
    trace,
)
from redound.cli.demo import command as demo
from redound.cli.output import CommandError, Exit, say

app = typer.Typer(
    name="redound",
    help="Self-hosted affiliate postbacks: a click goes out, a conversion comes home, the callback arrives.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and end."),  # noqa: FBT001, FBT003 - Typer's form of a switch
) -> None:
    if version:
        from importlib.metadata import version as installed

        from redound.cli.output import data

        data(installed("redound"))
        raise typer.Exit


demo.register(app)
for part in (
    servers,
    setup,
    doctor,
    accounts,
    invitations,
    configuration,
    backup,
    importing,
    jobs,
    tail,
    deliveries,
    statistics,
    linting,
    measuring,
    trace,
    testing,
):
    part.register(app)


def main() -> None:
    """Run one command and end the process with its exit code."""
    from redound.settings import SettingError

    try:
        app()
    except SettingError as error:
        say(f"redound: {error}")
        say("Correct the setting and run the command again; docs/settings.md describes each one.")
        sys.exit(Exit.FAILURE)
    except CommandError as error:
        say(f"redound: {error.problem}")
        if error.remedy:
            say(error.remedy)
        sys.exit(error.code)
