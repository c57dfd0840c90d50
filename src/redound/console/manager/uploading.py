"""Taking a file in: first the file, then what its columns mean, then every row is judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from redound.console import runtime
from redound.console.catalog import visibility
from redound.console.catalogue import Catalogue
from redound.console.errors import InvalidError, NotFoundError
from redound.console.identity import fresh_id
from redound.console.imports import files, starting
from redound.console.imports.models import Import
from redound.console.manager.imports import KINDS
from redound.console.shell.page import here, page
from redound.core.claims import ALIASES
from redound.core.csv_reading import Record
from redound.core.csv_rows import FIELDS, Kind, names_of

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

    from redound.console.imports.files import Kept
    from redound.console.shell.page import PageRequest

_ID = re.compile(r"imp_[0-9a-f]{28}")
EXAMPLES = 3
"""How many rows of the file stand beside the choice of columns."""


@page
def new(request: PageRequest) -> HttpResponse:
    """Ask for a file, and keep it."""
    advertisers = visibility.advertisers(request.caller).order_by("name").values_list("pk", "name")
    context: dict[str, Any] = {
        "kinds": KINDS.items(),
        "advertisers": advertisers,
        "kind": request.POST.get("kind", Kind.CONVERSIONS.value),
        "advertiser_id": request.POST.get("advertiser_id", ""),
    }
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            context["wrong"] = _("Choose a file first.")
        else:
            import_id = fresh_id("imp")
            try:
                files.keep(file, import_id)
            except InvalidError as error:
                context["wrong"] = error.detail
            else:
                query = urlencode(
                    {
                        "kind": context["kind"],
                        "advertiser_id": context["advertiser_id"],
                        "file_name": (file.name or "upload.csv")[:200],
                    }
                )
                return redirect(f"{here(request, 'import-columns', import_id)}?{query}")
    return render(request, "manager/import_new.html", context)


@page
def columns(request: PageRequest, import_id: str) -> HttpResponse:
    """Ask what the columns of a kept file mean; then judge its rows."""
    kept = _kept(import_id)
    given = request.POST if request.method == "POST" else request.GET
    kind = Kind(given["kind"]) if given.get("kind") in KINDS else Kind.CONVERSIONS
    advertiser_id = given.get("advertiser_id", "")
    names, examples = _beginning(kept)
    faults: list[str] = []
    chosen = _guessed(names, kind, advertiser_id)
    if request.method == "POST":
        chosen = [request.POST.get(f"column-{index}", "") for index in range(len(names))]
        mapping = {name: field for name, field in zip(names, chosen, strict=True) if name.strip()}
        try:
            job, fresh = starting.begin(
                kept, kind, mapping, advertiser_id, given.get("file_name", "upload.csv"), request.caller,
                dry_run=True, import_id=import_id,
            )  # fmt: skip
        except InvalidError as error:
            faults = [each.detail for each in error.faults]
        else:
            return _begun(request, job.pk, kept, fresh=fresh)
    context = {
        "import_id": import_id,
        "columns": [
            {
                "index": index,
                "name": name,
                "field": chosen[index],
                "examples": [row[index : index + 1] for row in examples],
            }
            for index, name in enumerate(names)
        ],
        "fields": FIELDS[kind],
        "kind": kind.value,
        "kind_words": KINDS[kind.value],
        "advertiser_id": advertiser_id,
        "file_name": given.get("file_name", ""),
        "faults": faults,
    }
    return render(request, "manager/import_columns.html", context)


def _begun(request: PageRequest, job_id: str, kept: Kept, *, fresh: bool) -> HttpResponse:
    if fresh:
        job = Import.objects.get(pk=job_id)
        starting.start(job)
        return redirect(here(request, "import", job_id))
    kept.path.unlink(missing_ok=True)
    messages.info(request, _("This file was taken in before, read the same way: here it is."))
    return redirect(here(request, "import", job_id))


def _path(import_id: str) -> Path:
    if _ID.fullmatch(import_id) is None:
        raise NotFoundError
    return runtime.settings().data_dir / "imports" / f"{import_id}.csv"


def _kept(import_id: str) -> Kept:
    try:
        return files.known(_path(import_id))
    except FileNotFoundError:
        raise NotFoundError(_("This file is no longer kept. Take it in once more.")) from None


def _beginning(kept: Kept) -> tuple[list[str], list[list[str]]]:
    """Return the header and the first rows."""
    with files.opened(kept.path) as table:
        header = table.header
        if not isinstance(header, Record):
            detail = header.sentence if header is not None else _("The file is empty.")
            raise NotFoundError(detail)
        rows = [
            each.cells
            for each, _place in zip(table.records, range(EXAMPLES), strict=False)
            if isinstance(each, Record)
        ]
        return [cell.strip() for cell in header.cells], rows


def _guessed(names: list[str], kind: Kind, advertiser_id: str) -> list[str]:
    """Return the field that each column's name means, "" for none; each field once."""
    advertiser = Catalogue().advertiser(advertiser_id) if advertiser_id else None
    known = names_of(kind, advertiser.profile.aliases if advertiser is not None else ALIASES)
    taken: set[str] = set()
    found = []
    for name in names:
        field = known.get(name.lower(), "")
        found.append("" if field in taken else field)
        taken.add(field)
    return found
