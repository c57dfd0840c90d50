"""The audit log on its page and in the API."""

from __future__ import annotations

from tests.portals.managing import alices, bobs


def test_a_change_is_shown_from_old_to_new_with_who_made_it(world):
    """The affiliate's name, before and after, and a way to their page."""
    world.bob.patch(f"affiliates/{world.alice_id}", {"name": "Alicia"})
    page = bobs(world).text("/manage/audit/?noun=affiliates&action=edit")
    assert "<del>Alice</del>" in page
    assert "<ins>Alicia</ins>" in page
    assert "key Bob" in page
    assert f"/manage/affiliates/{world.alice_id}/" in page


def test_secrets_never_stand_there(world):
    """A token is changed; what is shown is that it was."""
    world.bob.patch(f"advertisers/{world.acme}", {"tokens": ["s3cret-token-of-acme"]})
    page = bobs(world).text("/manage/audit/?noun=advertisers")
    assert "tokens" in page
    assert "s3cret" not in page
    assert "sealed: ••••" in page


def test_hostile_values_are_shown_as_texts(world):
    """A name of an attacker's making."""
    world.alice.patch(f"campaigns/{world.campaign}", {"name": "<script>alert(1)</script>"})
    page = bobs(world).text("/manage/audit/")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_file_has_a_line_for_each_change(world):
    """CSV with the API's names on top."""
    lines = b"".join(bobs(world).get("/manage/audit/?format=csv&noun=goals")).decode().splitlines()
    assert lines[0].lstrip("\ufeff").startswith("id,at,by,action,noun,row_id")
    assert len(lines) == 2


def test_alice_reads_it_nowhere(world):
    """Not on the page, not by the API."""
    assert alices(world).get("/manage/audit/").status_code == 403
    assert world.alice.get("audit").status == 403
    assert world.bob.get("audit").status == 200
