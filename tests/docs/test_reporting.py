"""The lines that advertisers copy from the guide, run as they stand against a server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.pages import page
from tests.journeys.conftest import SETTINGS
from tests.journeys.process import Installation, eventually
from tests.journeys.world import make_scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.client import Client

SECRETS = {
    "TOKEN": "the-token-of-acme",
    "PATH_KEY": "the-path-key-of-acme",
    "SIGNING_SECRET": "the-signing-secret-of-acme",
}
GOALS: dict[str, dict[str, Any]] = {
    "sale": {"payout_percent": "10"},
    "lead": {"payout": "1.00"},
    "upgrade": {"payout": "5.00"},
    "deposit": {"payout": "2.00", "repeats": "unlimited"},
}


@pytest.fixture
def bob(tmp_path: Path) -> Iterator[Client]:
    """A manager in front of a fresh server."""
    installation = Installation(f"sqlite:///{tmp_path / 'redound.sqlite3'}", tmp_path, SETTINGS)
    installation.run("init")
    key = installation.run("key", "create", "--manager", "Bob").stdout.strip()
    installation.start()
    try:
        yield installation.client(key)
    finally:
        installation.kill()


def sections() -> dict[str, str]:
    """The shell lines of the guide by their heading."""
    found: dict[str, str] = {}
    heading = ""
    for part in re.split(r"^(#+ .+)$", page("docs/reporting.md").text, flags=re.MULTILINE):
        if part.startswith("#"):
            heading = part.lstrip("# ")
        for block in re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL):
            found[heading] = found.get(heading, "") + block
    return found


@pytest.mark.skipif(not all(map(shutil.which, ("curl", "openssl"))), reason="the lines use curl and openssl")
def test_the_lines_of_the_guide_report_what_they_say(bob: Client, tmp_path: Path):
    """Acme pastes each of them and gets the verdict that the guide promises."""
    scene = make_scene(bob)
    for code, fields in GOALS.items():
        if code not in scene.goals:
            bob.make("goals", offer_id=scene.offer, code=code, name=code.title(), **fields)
    deposit = {"payout_percent": None, "payout": "2.00", "repeats": "unlimited"}
    bob.edit(f"goals/{scene.goals['deposit']}", **deposit)
    credentials = {
        "tokens": [SECRETS["TOKEN"]],
        "path_keys": [SECRETS["PATH_KEY"]],
        "signing_secrets": [SECRETS["SIGNING_SECRET"]],
    }
    bob.edit(f"advertisers/{scene.advertiser}", **credentials)
    scene.settle()
    environment = {
        **os.environ,
        **SECRETS,
        "BASE": bob.base_url,
        "CONSOLE": bob.base_url,
        "API_KEY": bob.key,
        "ADVERTISER_ID": scene.advertiser,
        "CLICK_ID": bob.click(scene.code, sub1="T-1"),
    }
    expected = {
        "S2S": ["accepted", "updated"],
        "Key in the path": ["accepted"],
        "Signed reports": ["accepted"],
        "API": ["accepted", "accepted", "bad_amount"],
        "CSV": [],
    }
    written = sections()
    for heading, verdicts in expected.items():
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", written[heading]],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert re.findall(r'"verdict": ?"(\w+)"', done.stdout) == verdicts, f"{heading}: {done.stdout}"
    (dry_run,) = eventually(
        lambda: [each for each in bob.every("imports") if each["state"] == "done"], what="the dry run ends"
    )
    assert dry_run["counts"] == {"accepted": 1}
    assert not any(secret in json.dumps(list(bob.every("reports"))) for secret in SECRETS.values())


def test_every_way_of_repeating_and_every_preset_is_in_the_guide():
    """A manager finds each word that the API takes."""
    from redound.core.profiles import PRESETS, RepeatMode

    text = page("docs/reporting.md").text
    assert [mode for mode in RepeatMode if f"| `{mode}` |" not in text] == []
    assert [preset for preset in PRESETS if f"`{preset}`" not in text] == []
