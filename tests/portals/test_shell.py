"""The frame of the pages: icons that exist, texts in both languages, keys of the palette."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parent.parent.parent / "src" / "redound" / "console"
TEMPLATES = sorted(CONSOLE.glob("*/templates/**/*.html"))
ICON = re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']""")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_icon_of_a_template_exists(path):
    """The library raises for a name that it does not know, and the page would be a 500."""
    from redound.console.shell.templatetags.shell import icon

    assert all(icon(name).startswith("<svg") for name in ICON.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_keeps_to_the_content_security_policy(path):
    """No style attribute, no inline script, no handler attribute: the browser would ignore them."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\sstyle\s*=", source)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert "<style" not in source
    assert "|safe" not in source


def test_every_icon_of_the_menus_exists():
    """Each page has its picture."""
    from redound.console.shell.navigation import MENUS
    from redound.console.shell.templatetags.shell import icon

    items = [item for groups in MENUS.values() for group in groups for item in group.items]
    assert len(items) > 20
    assert all(icon(item.icon).startswith("<svg") for item in items)


def test_every_page_of_the_menus_exists():
    """A menu never leads nowhere."""
    from redound.console.shell.navigation import MENUS
    from redound.console.shell.page import exists

    missing = [
        f"{portal}:{item.name}"
        for portal, groups in MENUS.items()
        for group in groups
        for item in group.items
        if not exists(portal, item.name)
    ]
    assert missing == []
