"""Extract the console's texts, bring the Russian catalogues up to date, and compile them.

    python -m tools.messages [package …]     all packages of the console without a name
    python -m tools.messages --check         change nothing; fail when a text is missing or a .mo is old

A package of the console that has texts has `locale/ru/LC_MESSAGES/django.{po,mo}`. Babel reads and writes
the catalogues; Django's own `templatize` turns templates into what Babel's extractor reads.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSOLE = Path(__file__).parent.parent / "src" / "redound" / "console"
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}

NOT_KEPT = tuple(
    f'"{name}'.encode()
    for name in (
        *("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Project-Id-Version"),
        *("Report-Msgid-Bugs-To", "Last-Translator", "Language-Team"),
    )
)
"""Headers that say nothing, or something else at every run."""
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What compiled catalogues say of their age: the same texts are the same bytes."""


def texts_of(package: Path) -> Catalog:
    """Return every text in a package's Python files and templates."""
    found = Catalog(charset="utf-8", project="Redound")
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.html"), *package.rglob("*.txt")]):
        for line, message, comments, context in _extract(path):
            found.add(
                message,
                None,
                [(str(path.relative_to(package)), line)],
                context=context,
                auto_comments=comments,
            )
    return found


def _extract(path: Path) -> Iterator[tuple[int, str, list[str], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Python's tokenizer minds indentation, which in a template means nothing.
        source = "\n".join(map(str.lstrip, templatize(source, origin=str(path)).splitlines()))
    yield from extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=["Translators:"]
    )


def read_catalogue(path: Path) -> Catalog:
    """Return a catalogue as it stands; an empty Russian one when there is none."""
    if not path.exists():
        return Catalog(locale="ru", charset="utf-8", fuzzy=False, header_comment="# Redound in Russian.")
    with path.open("rb") as file:
        return read_po(file, locale="ru")


def brought_up_to_date(package: Path) -> tuple[Path, Catalog] | None:
    """Return a package's catalogue with its present texts; None when it has none."""
    found = texts_of(package)
    if len(found) == 0:
        return None
    path = package / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    catalogue = read_catalogue(path)
    catalogue.update(found, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return path, catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts that have no translation, or only some of its plurals."""
    wanting = []
    for message in catalogue:
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and (not all(forms) or message.fuzzy):
            wanting.append(message.id if isinstance(message.id, str) else message.id[0])
    return wanting


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    catalogue.creation_date = catalogue.revision_date = SOME_TIME
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue as people read it, without what changes at every run."""
    file = io.BytesIO()
    write_po(
        file,
        catalogue,
        width=110,
        omit_header=False,
        sort_by_file=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(NOT_KEPT))


def packages(names: list[str]) -> list[Path]:
    """Return the named packages of the console, or all that have texts of their own."""
    if names:
        return [CONSOLE / name for name in names]
    return sorted(path.parent for path in CONSOLE.glob("*/__init__.py"))


def problems(package: Path) -> list[str]:
    """Return what is not as it should be in a package's catalogue."""
    current = brought_up_to_date(package)
    if current is None:
        return []
    path, catalogue = current
    name = package.name
    found = [f"{name}: no Russian for {text!r}" for text in untranslated(catalogue)]
    if not path.exists() or path.read_bytes() != written(catalogue):
        found.append(f"{name}: texts changed: python -m tools.messages {name}")
    compiled_path = path.with_suffix(".mo")
    if not compiled_path.exists() or compiled_path.read_bytes() != compiled(read_catalogue(path)):
        found.append(f"{name}: the compiled texts are old: python -m tools.messages {name}")
    return found


def main(arguments: list[str]) -> int:
    """Do what the arguments ask for; return the exit code."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    checking = "--check" in arguments
    found: list[str] = []
    for package in packages([name for name in arguments if not name.startswith("-")]):
        if checking:
            found += problems(package)
            continue
        current = brought_up_to_date(package)
        if current is None:
            continue
        path, catalogue = current
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(read_catalogue(path)))
        found += [f"{package.name}: no Russian for {text!r}" for text in untranslated(catalogue)]
    for line in found:
        print(line, file=sys.stderr)
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
