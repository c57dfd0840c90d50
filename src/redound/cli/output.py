"""What commands print: data on standard output, words on standard error; and how they end."""

from __future__ import annotations

import json
import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console


class Exit(IntEnum):
    """Exit codes. Usage is what the command-line parser itself ends with."""

    FINE = 0
    FAILURE = 1
    USAGE = 2
    CHECK_FAILED = 3


class CommandError(Exception):
    """A command cannot do what it was asked. `remedy` names the command or setting to go on with."""

    def __init__(self, problem: str, remedy: str = "", code: Exit = Exit.FAILURE) -> None:
        """Say what is wrong, then what to do about it."""
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.code = code


def command(
    group: typer.Typer, name: str, summary: str, *examples: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose help starts with examples; its docstring follows them."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        lines = "\n".join(f"  $ redound {example}" for example in examples)
        text = f"\b\nExamples:\n{lines}\n\n{function.__doc__ or summary}"
        group.command(name, help=text, short_help=summary)(function)
        return function

    return register


def data(text: str) -> None:
    """Print one line of data at once, so that a reader of a pipe sees it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def data_json(value: object) -> None:
    """Print one value as one line of JSON."""
    data(json.dumps(value, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Print words for a person."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()


def rich_console() -> Console:
    """Return a console on standard output that keeps to NO_COLOR."""
    from rich.console import Console

    return Console(no_color="NO_COLOR" in os.environ, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table on a terminal; print tab-separated values, without a header, elsewhere."""
    if not terminal():
        for row in rows:
            data("\t".join(row))
        return
    from rich.table import Table
    from rich.text import Text

    drawing = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawing.add_row(*(Text(cell) for cell in row))
    rich_console().print(drawing)


def record(values: Mapping[str, object]) -> None:
    """Print one thing as lines of `name: value`."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        data(f"{name + ':':<{width + 1}} {'' if value is None else value}".rstrip())


def confirm(question: str, *, yes: bool) -> None:
    """Go on when `yes` was given or a person agrees; otherwise end with a usage error that names --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(question, "Nobody is here to ask: repeat the command with --yes.", Exit.USAGE)
    if not typer.confirm(question, err=True):
        raise CommandError("Nothing was done.")
