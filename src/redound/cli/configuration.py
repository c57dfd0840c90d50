"""`redound export`, `redound import` and `redound openapi`: the configuration and the API as files."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotation at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, data, data_json, say

if TYPE_CHECKING:
    from redound.cli.nouns import Noun

VERSION = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(app, "export", "Print the configuration as YAML.", "export > redound.yaml", "export --json")(
        export
    )
    command(
        app,
        "import",
        "Bring the configuration to what a file says.",
        "import redound.yaml --dry-run",
        "import redound.yaml",
        "import - < redound.yaml",
    )(import_)
    command(app, "openapi", "Print the API's OpenAPI document.", "openapi > docs/openapi.json")(openapi)


def export(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Print advertisers, brands, offers, goals, affiliates, campaigns, links, postbacks, plans and trackers.

    Credentials and tokens are left out; `redound import` keeps what is there.
    """
    with installation():
        from redound.cli.nouns import nouns

        caller = operator("export")
        document: dict[str, Any] = {"redound": VERSION}
        document |= {noun.name: noun.export(caller) for noun in nouns()}
    if as_json:
        data_json(document)
        return
    import yaml

    data(yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip("\n"))


def import_(
    file: Annotated[Path, typer.Argument(help="A YAML or JSON file; - for standard input.", allow_dash=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a change.")] = False,
) -> None:
    """Create what is missing and change what differs, all of it or nothing. Nothing is ever deleted.

    A row is found by its `id`; one without an ID is always created.
    """
    document = _read(file)
    with installation():
        from django.db import transaction

        from redound.cli.nouns import nouns

        with transaction.atomic():
            changes = [change for noun in nouns() for change in _bring(noun, document)]
            transaction.set_rollback(dry_run)
    for change in changes:
        if as_json:
            data_json(change)
        else:
            data("\t".join(change.values()))
    words = "would change; nothing was changed" if dry_run else "changed"
    say(f"{len(changes)} {'row' if len(changes) == 1 else 'rows'} {words}.")


def _bring(noun: Noun, document: dict[str, Any]) -> list[dict[str, str]]:
    from redound.console.errors import InvalidError

    changes = []
    for values in document.get(noun.name) or []:
        label = f"{noun.name} {values.get('id', '')} {values.get('name', '')}".strip()
        try:
            action = noun.bring(values, operator("import"))
        except InvalidError as error:
            raise CommandError(
                f"{label}: {error.detail}", "Correct the file; nothing was changed."
            ) from error
        if action:
            changes.append(
                {
                    "action": action,
                    "noun": noun.name,
                    "id": values.get("id", ""),
                    "name": values.get("name", ""),
                }
            )
    return changes


def _read(file: Path) -> dict[str, Any]:
    import yaml

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", code=Exit.USAGE) from error
    except yaml.YAMLError as error:
        raise CommandError(f"{file} is not YAML: {error}", code=Exit.USAGE) from error
    if not isinstance(document, dict) or document.get("redound") != VERSION:
        problem = f"{file} does not begin with `redound: {VERSION}`."
        raise CommandError(problem, "`redound export` prints a file in the right form.", Exit.USAGE)
    return document


def openapi() -> None:
    """Print the OpenAPI 3.1 document of the API. Needs no database."""
    import json

    from redound.console import runtime
    from redound.settings import load

    runtime.start(load())
    from redound.console.api.app import openapi as document

    data(json.dumps(document(), indent=2, ensure_ascii=False))
