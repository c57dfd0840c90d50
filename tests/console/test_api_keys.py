"""API keys: shown once, scoped, and never more than their maker may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.console.people import Person


def test_a_key_is_shown_once_and_stored_as_a_digest(world):
    """Alice makes a key for her script and uses it."""
    from redound.console.accounts.models import ApiKey

    made = world.alice.make("api-keys", name="Script")
    assert made["key"].startswith("rdk_")
    assert "key" not in world.alice.see(f"api-keys/{made['id']}")
    row = ApiKey.objects.get(pk=made["id"])
    assert made["key"] not in str(vars(row))
    assert Person("script", made["key"]).get("postbacks").status == 200


def test_a_key_does_what_its_scopes_say(world):
    """One that reads, and one that only writes postbacks (which includes reading them)."""
    reads = Person("r", world.alice.make("api-keys", name="r", scopes=["read"])["key"])
    writes = Person("w", world.alice.make("api-keys", name="w", scopes=["postbacks:write"])["key"])
    body = {"name": "x", "url": "http://127.0.0.1/"}
    assert reads.get("postbacks").status == 200
    assert reads.post("postbacks", body).code == "scope_missing"
    assert writes.post("postbacks", body).status == 201
    assert writes.get("postbacks").status == 200
    assert writes.get("offers").code == "scope_missing"


@pytest.mark.parametrize("scope", ["everything", "postbacks:delete", "users:read", ""])
def test_a_scope_that_is_none_is_refused(world, scope):
    """With those that there are."""
    assert world.alice.post("api-keys", {"name": "x", "scopes": [scope]}).pointers == ["/scopes/0"]


def test_a_key_cannot_make_a_stronger_one(world):
    """Neither with more scopes nor for longer."""
    from django.utils import timezone

    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    made = world.alice.make("api-keys", name="x", scopes=["api-keys:write"], expires_at=soon)
    weak = Person("weak", made["key"])
    answer = weak.post("api-keys", {"name": "y"})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "scope_exceeds")
    child = weak.make("api-keys", name="y", scopes=["api-keys:read"])
    assert child["expires_at"] == made["expires_at"]


def test_alice_sees_and_revokes_her_own_keys_only(world):
    """Charlie's do not exist for her, and she makes none for him."""
    charlies = world.charlie.make("api-keys", name="his")
    assert charlies["id"] not in world.alice.get("api-keys").ids
    assert world.alice.get(f"api-keys/{charlies['id']}").status == 404
    assert world.alice.delete(f"api-keys/{charlies['id']}").status == 404
    made = world.alice.post("api-keys", {"name": "x", "affiliate_id": world.charlie_id})
    assert (made.status, made.pointers) == (422, ["/affiliate_id"])
    assert Person("Charlie", charlies["key"]).get("offers").status == 200


def test_bob_does_not_see_other_managers_keys(world):
    """They are theirs to revoke."""
    from redound.console.accounts.keys import issue_key
    from redound.console.accounts.models import User

    mia = User.objects.create_user("mia@example.com", name="Mia", role="manager")
    key, _ = issue_key("Mia's", user=mia)
    assert key.id not in world.bob.get("api-keys").ids
    assert world.bob.get(f"api-keys/{key.id}").status == 404


def test_the_time_of_last_use_is_kept_to_the_minute(world):
    """Reading does not mean writing every time."""
    from redound.console.accounts.models import ApiKey

    made = world.alice.make("api-keys", name="x")
    person = Person("x", made["key"])
    person.get("offers")
    first = ApiKey.objects.get(pk=made["id"]).last_used_at
    person.get("offers")
    assert first is not None
    assert ApiKey.objects.get(pk=made["id"]).last_used_at == first


def test_a_key_made_before_a_rotation_still_works(world):
    """The old secret key is still held."""
    from dataclasses import replace

    from redound.console import runtime
    from redound.vault import generate_secret

    ours = runtime.settings()
    fresh = generate_secret([ours.secret_key])
    runtime.start(replace(ours, secret_key=fresh, old_secret_keys=(ours.secret_key,)))
    assert world.alice.get("offers").status == 200
