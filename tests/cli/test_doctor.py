"""`redound doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from redound.core.ids import mint_click_id
from tests.builders import OTHER_KEYS

if TYPE_CHECKING:
    from tests.journeys.process import Installation


def findings(installation: Installation, code: int) -> dict[str, dict[str, str]]:
    """Every check by name."""
    lines = installation.run("doctor", "--json", code=code).stdout.splitlines()
    return {finding["check"]: finding for finding in map(json.loads, lines)}


def test_a_fresh_installation_has_no_failures(ready: Installation):
    """Nothing runs yet, which is a warning; the rest is fine."""
    found = findings(ready, 0)
    assert set(found) == {
        "settings", "data directory", "allowed networks", "tracking URL", "database", "migrations",
        "secret key", "worker", "backlog", "clock",
    }  # fmt: skip
    assert found["worker"]["state"] == "warning"
    assert {name for name, finding in found.items() if finding["state"] == "failed"} == set()


def test_missing_tables_fail_with_the_command_to_run(bare: Installation):
    """Before `redound init` the exit code is 3 and the remedy is named."""
    found = findings(bare, 3)
    assert found["migrations"]["state"] == "failed"
    assert "redound" in found["migrations"]["remedy"]


def test_another_key_fails(ready: Installation):
    """A click ID that is out there would be called forged with this key; the doctor sees it."""
    database = sqlite3.connect(ready.folder / "redound.sqlite3")
    values = (mint_click_id(OTHER_KEYS, 1_700_000_000_000, 7, b"12345678"), 1_700_000_000_000)
    with database:
        database.execute(
            "INSERT INTO clicks (id, link_id, affiliate_id, campaign_id, offer_id, brand_id, created_at)"
            " VALUES (?, 'lnk', 'aff', 'cmp', 'ofr', 'brd', ?)",
            values,
        )
    database.close()
    found = findings(ready, 3)["secret key"]
    assert found["state"] == "failed"
    assert "REDOUND_OLD_SECRET_KEYS" in found["remedy"]


def test_a_missing_key_fails(ready: Installation):
    """Somebody deleted the key's file; the doctor names the setting."""
    (ready.folder / "secret.key").unlink()
    assert "REDOUND_SECRET_KEY" in findings(ready, 3)["secret key"]["detail"]


def test_a_wide_network_is_a_warning(ready: Installation):
    """All of 10/8 is more than a receiver needs."""
    ready.settings["REDOUND_ALLOW_NETWORKS"] = "10.0.0.0/8"
    found = findings(ready, 0)["allowed networks"]
    assert (found["state"], "10.0.0.0/8" in found["detail"]) == ("warning", True)


def test_an_old_backlog_fails(ready: Installation):
    """Something is due for an hour and nobody sends it."""
    database = sqlite3.connect(ready.folder / "redound.sqlite3")
    with database:
        database.execute("INSERT INTO due (delivery_id, postback_id, at) VALUES ('dlv_1', 'pbk_1', 0)")
    database.close()
    assert findings(ready, 3)["backlog"]["state"] == "failed"


def test_a_bad_setting_is_a_failed_check(bare: Installation):
    """The doctor does not stumble over what it should find."""
    bare.settings["REDOUND_MAX_ATTEMPTS"] = "many"
    assert "REDOUND_MAX_ATTEMPTS" in findings(bare, 3)["settings"]["detail"]


def test_a_dead_database_is_a_failed_check(bare: Installation):
    """A PostgreSQL that does not answer is named without its password."""
    bare.database_url = "postgresql://redound:hunter2@127.0.0.1:1/redound"
    found = findings(bare, 3)["database"]
    assert found["state"] == "failed"
    assert "hunter2" not in json.dumps(found)
