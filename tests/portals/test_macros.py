"""The page of macros: all of the registry, each with a meaning in the reader's language."""

from __future__ import annotations

import pytest

from redound.core.macros import MACROS, MANAGER_ONLY, PARAM_MACRO
from redound.core.modifiers import MODIFIERS as NAMES
from redound.core.tools.macro_words import MODIFIERS, meaning
from tests.portals.signed_in import HOSTILE, alice, bob


@pytest.mark.parametrize("name", [*MACROS, PARAM_MACRO.name])
def test_every_macro_has_a_meaning_in_both_languages(name):
    """In English that of the registry."""
    assert meaning(name) == (MACROS.get(name) or PARAM_MACRO).meaning
    assert meaning(name, "ru") not in {"", meaning(name)}


def test_every_modifier_has_an_example():
    """And none that does not exist."""
    assert set(MODIFIERS) == set(NAMES)
    assert all(f"|{name}" in use for name, (use, _words) in MODIFIERS.items())


def test_alice_finds_all_that_she_may_use(world):
    """What only managers may is not there."""
    page = alice(world).text("/macros/")
    for name in MACROS:
        assert (f'id="{name}"' in page) is (name not in MANAGER_ONLY)
    for name in MODIFIERS:
        assert f">{name}</th>" in page
    assert 'id="revenue"' in bob(world).text("/manage/macros/")


def test_a_search_finds_names_meanings_and_names_elsewhere(world):
    """`aff_sub2` is sub2 here."""
    browser = alice(world)
    for text, name in (("{payout}", "payout"), ("transaction", "txid"), ("aff_sub2", "sub2")):
        page = browser.text(f"/macros/?q={text}")
        assert f'id="{name}"' in page
        assert 'id="referrer"' not in page
    page = browser.get("/macros/", data={"q": HOSTILE}).content.decode()
    assert "There is no such macro" in page
    assert "<script>alert" not in page


def test_it_speaks_russian(world):
    """Meanings too."""
    page = alice(world, language="ru").text("/macros/")
    assert "Наш ID клика" in page
    assert "Our ID of the click" not in page
