"""The pages about the installation: how it does, and its settings."""

from __future__ import annotations

import re
from pathlib import Path

from tests.console.traffic import a_worker_lives, convert
from tests.portals.managing import alices, bobs

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_system_page_says_who_works_and_what_waits(world):
    """One delivery waits; no process was seen, then one is alive."""
    world.make_postback()
    convert(world)
    bob = bobs(world)
    assert "No process that sends postbacks was ever seen." in bob.text("/manage/system/")
    a_worker_lives()
    page = bob.text("/manage/system/")
    assert re.search(r'Fresh</div><div class="v">1', page)
    assert "node-1" in page
    assert "alive" in page
    assert "none by redound backup" in page


def test_every_setting_stands_on_its_page(world):
    """As docs/settings.md names them: none is missing, none is too many."""
    page = bobs(world).text("/manage/settings/")
    documented = set(re.findall(r"^### (REDOUND_\w+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r">(REDOUND_\w+)<", page)) == documented


def test_secrets_are_masked(world, ours):
    """Neither the key nor a password in an address."""
    from redound.console import runtime
    from redound.console.manager.settings_page import _shown
    from redound.console.manager.settings_table import Setting

    page = bobs(world).text("/manage/settings/")
    assert runtime.settings().secret_key not in page
    url = Setting("X", "database_url", "", "url")
    assert _shown(url, "postgresql://me:hunter2@db/redound") == "postgresql://me:••••@db/redound"
    assert "hunter2" not in _shown(url, "postgresql:///r?user=me&password=hunter2&host=db")


def test_alice_sees_neither(world):
    """They are the managers'."""
    alice = alices(world)
    assert alice.get("/manage/system/").status_code == 403
    assert alice.get("/manage/settings/").status_code == 403
