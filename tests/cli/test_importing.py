"""`redound import-csv`, as an operator runs it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from redound.cli.output import Exit

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def test_refused_rows_are_printed_and_end_in_exit_code_3(ready: Installation):
    """One JSON object a row, the summary last; the dry run and the run say the same."""
    file = ready.folder / "sales.csv"
    file.write_text("number,order\nabc,1\nxyz,2\n", newline="\r\n")
    words = ["import-csv", str(file), "--kind", "conversions", "--map", "number=click_id", "--json"]
    for more in (["--dry-run"], [], []):
        done = ready.run(*words, *more, code=Exit.CHECK_FAILED)
        first, second, summary = map(json.loads, done.stdout.splitlines())
        assert (first["row"], first["verdict"], first["column"]) == (2, "malformed_click_id", "number")
        assert second["row"] == 3
        assert (summary["rows"], summary["refused"], summary["dry_run"]) == (2, 2, bool(more))
        assert summary["columns"] == {"number": "click_id", "order": None}


def test_a_file_that_cannot_be_imported_says_why(ready: Installation):
    """A wrong header, a wrong mapping, no file, no kind."""
    file = ready.folder / "sales.csv"
    file.write_text("a,b\n1,2\n")
    done = ready.run("import-csv", str(file), "--kind", "conversions", code=Exit.FAILURE)
    assert "No column is read as click_id" in done.stderr
    ready.run("import-csv", str(file), "--kind", "conversions", "--map", "a", code=Exit.USAGE)
    ready.run("import-csv", str(ready.folder / "gone.csv"), "--kind", "statuses", code=Exit.USAGE)
    ready.run("import-csv", str(file), code=Exit.USAGE)
    ready.run("import-csv", code=Exit.USAGE)


def test_an_import_that_was_cut_off_asks_for_resume(ready: Installation):
    """The process died; the file is not begun anew unless asked."""
    file = ready.folder / "sales.csv"
    file.write_text("click_id\n")
    words = ["import-csv", str(file), "--kind", "conversions"]
    ready.run(*words)
    with closing(sqlite3.connect(ready.folder / "redound.sqlite3")) as db, db:
        db.execute("UPDATE imports SET state = 'failed', next_row = 1")
    assert "--resume" in ready.run(*words, code=Exit.FAILURE).stderr
    ready.run(*words, "--resume")
