"""Every command has its heading, and what pages and help texts tell people to type exists."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from redound.cli import app
from tests.docs.pages import ROOT, page, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT_COMMAND = get_command(app)
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)


def commands(group: Any = ROOT_COMMAND, path: str = "redound") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    if not hasattr(group, "commands"):
        yield path, group
        return
    for name, inner in group.commands.items():
        yield from commands(inner, f"{path} {name}")


EVERY = dict(commands())


def test_every_command_has_a_heading():
    """An operator finds each command, and none that does not exist."""
    described = {heading for heading in page("docs/cli.md").headings if heading.startswith("redound ")}
    assert described == set(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_help_starts_with_examples_that_parse(name: str):
    """The first lines of a command's help can be copied."""
    text = EVERY[name].help or ""
    lines = text.replace("\b", "").strip().splitlines()
    assert lines[0] == "Examples:"
    examples = [line.strip().removeprefix("$ ") for line in lines if line.strip().startswith("$ redound")]
    assert examples
    for example in examples:
        assert example.startswith(name)
        check(example)


def typed() -> Iterator[tuple[str, str]]:
    """Each `redound …` line of a console or sh block, with its page."""
    for one in pages():
        for block in [*one.blocks("console"), *one.blocks("sh")]:
            for line in block.splitlines():
                found = re.search(r"(?:^\$ |^|\$\()(redound [^|)&]*)", line.strip())
                if found:
                    yield one.name, found[1].split(" #")[0].strip()


@pytest.mark.parametrize(("name", "line"), list(typed()))
def test_commands_on_pages_exist(name: str, line: str):
    """What a page tells people to type is understood."""
    check(line)


def test_make_targets_on_pages_exist():
    """`make demo` and its like are there."""
    real = set(TARGET.findall((ROOT / "Makefile").read_text()))
    named = {
        target
        for one in pages()
        for block in one.blocks("console")
        for target in re.findall(r"^\$ make ([a-z-]+)", block, re.MULTILINE)
    }
    assert named - real == set()


def check(line: str) -> None:
    """Parse a command line as the shell and the parser would, and run nothing."""
    words = shlex.split(line.replace("…", "_0"))[1:]
    words = words[: next((at for at, word in enumerate(words) if word[0] in "<>"), len(words))]
    group: Any = ROOT_COMMAND
    path = "redound"
    while hasattr(group, "commands"):
        name = words.pop(0)
        assert name in group.commands, f"{line!r}: there is no {path} {name}"
        group, path = group.commands[name], f"{path} {name}"
    words = ["8000" if word.startswith("$") else word for word in words]
    group.make_context(path, words, resilient_parsing=False)
