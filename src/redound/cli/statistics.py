"""`redound statistics`: counting everything anew."""

from __future__ import annotations

from typing import Annotated

import typer

from redound.cli.opening import installation
from redound.cli.output import command, confirm, say

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The figures of statistics.")


def register(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="statistics")


@group.callback()
def _group() -> None:
    """The figures of statistics."""


@command(group, "rebuild", "Count everything anew.", "statistics rebuild", "statistics rebuild --yes")
def rebuild(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget all figures; whoever delivers counts everything that is stored again, in the background.

    Figures of rows that were deleted since are lost: with retention set, those are the older days.
    """
    confirm("Forget all figures and count everything that is stored anew?", yes=yes)
    with installation():
        from django.db import transaction

        from redound.console import named
        from redound.store.plans.statistics import rebuild_steps

        with transaction.atomic():
            named.perform(rebuild_steps())
    say("Figures are forgotten. `redound serve` or `redound deliver` counts again; pages say how far it is.")
