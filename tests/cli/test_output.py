"""The manners of all commands: data and words apart, exit codes, a quick help."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def test_help_imports_nothing_heavy():
    """`redound --help` answers at once: neither Django nor the server is loaded for it."""
    program = (
        "import sys, redound.cli\n"
        "heavy = {'django', 'ninja', 'uvicorn', 'asyncpg', 'psycopg', 'yaml', 'cryptography', 'rich.live'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_begins_with_examples(bare: Installation):
    """What Bob sees first can be copied."""
    lines = [line.strip() for line in bare.run("key", "create", "--help").stdout.splitlines() if line.strip()]
    assert lines[1:3] == ["Examples:", "$ redound key create --manager Bob"]


def test_an_unknown_option_is_a_usage_error(bare: Installation):
    """Exit code 2, and nothing on standard output."""
    done = bare.run("serve", "--nonsense", code=2)
    assert done.stdout == ""
    assert "--nonsense" in done.stderr


def test_a_bad_setting_is_named_with_what_would_be_right(bare: Installation):
    """Bob mistypes a schedule and is told which variable to mend."""
    bare.settings["REDOUND_RETRY_SCHEDULE"] = "soon"
    done = bare.run("init", code=1)
    assert "REDOUND_RETRY_SCHEDULE" in done.stderr
    assert "10s" in done.stderr


def test_before_init_the_error_names_init(bare: Installation):
    """Bob forgets the first step; the words say which command to run."""
    done = bare.run("key", "create", "--manager", "Bob", code=1)
    assert done.stdout == ""
    assert "redound init" in done.stderr


def test_the_version_is_printed_alone(bare: Installation):
    """A script can read it."""
    assert bare.run("--version").stdout.strip().count(".") == 2


def test_the_openapi_document_is_json_on_standard_output(bare: Installation):
    """It needs neither a database nor a key."""
    document = json.loads(bare.run("openapi").stdout)
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/postbacks" in document["paths"]
