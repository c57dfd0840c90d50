"""The audit log: who changed which configuration, from what to what, without secrets."""

from __future__ import annotations

from tests.console.test_postbacks import SECRETS


def entries(row_id):
    """Return the entries about a row, oldest first."""
    from redound.console.accounts.models import AuditEntry

    return list(AuditEntry.objects.filter(row_id=row_id).order_by("at", "id"))


def test_every_change_is_kept_with_before_and_after(world):
    """Bob makes an offer and renames it."""
    world.bob.patch(f"offers/{world.offer}", {"name": "Boots", "status": "paused"})
    made, edited = entries(world.offer)
    assert (made.action, made.noun, made.row_name) == ("create", "offers", "Shoes")
    assert made.differences["name"] == [None, "Shoes"]
    assert (edited.action, edited.differences["name"]) == ("edit", ["Shoes", "Boots"])
    assert edited.differences["status"] == ["active", "paused"]
    assert edited.user_id == world.bob_user.pk
    assert edited.by.startswith("key Bob's")


def test_an_edit_that_changes_nothing_is_no_entry_and_no_new_version(world):
    """The ETag stays as well."""
    before = world.bob.get(f"offers/{world.offer}").headers["ETag"]
    after = world.bob.patch(f"offers/{world.offer}", {"name": "Shoes"}).headers["ETag"]
    assert len(entries(world.offer)) == 1
    assert before == after


def test_secrets_do_not_get_into_the_log(world):
    """That one changed can be seen, not from what to what."""
    made = world.make_postback(**SECRETS)
    world.alice.patch(f"postbacks/{made['id']}", {"auth": {"type": "basic", "password": "newer-secret"}})
    log = entries(made["id"])
    text = str([entry.differences for entry in log])
    assert "-secret" not in text
    assert "v1." not in text
    assert set(log[1].differences) == {"auth"}
    assert log[1].affiliate_id == world.alice_id


def test_tokens_and_keys_do_not_get_into_the_log(world):
    """Neither as they are nor as digests."""
    acme = world.bob.make("advertisers", name="Beta", tokens=["acme-token-1"])
    world.bob.patch(f"advertisers/{acme['id']}", {"tokens": ["acme-token-2"]})
    key = world.bob.make("api-keys", name="New")
    text = str([entry.differences for row in (acme, key) for entry in entries(row["id"])])
    assert "acme-token" not in text
    assert "v1." not in text
    assert key["key"] not in text
    assert entries(key["id"])[0].differences["digest"] == ["", "••••"]


def test_what_was_refused_is_no_entry(world):
    """Nothing happened."""
    from redound.console.accounts.models import AuditEntry

    before = AuditEntry.objects.count()
    world.bob.patch(f"offers/{world.offer}", {"currency": "XXX"})
    world.alice.patch(f"offers/{world.offer}", {"name": "Mine"})
    assert AuditEntry.objects.count() == before


def test_enabling_archiving_and_revoking_are_kept(world):
    """By name."""
    postback = world.make_postback()["id"]
    world.alice.post(f"postbacks/{postback}/enable")
    world.alice.delete(f"postbacks/{postback}")
    key = world.bob.make("api-keys", name="New")["id"]
    world.bob.delete(f"api-keys/{key}")
    assert [entry.action for entry in entries(postback)] == ["create", "enable", "archive"]
    assert [entry.action for entry in entries(key)] == ["create", "revoke"]
