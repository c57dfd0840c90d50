"""Errors are problem documents: one form for all, whatever went wrong and wherever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.console.people import Person


def test_without_a_key_nobody_gets_in(world):
    """The answer says how a key is sent, and leaves nothing behind."""
    answer = world.nobody.post("brands", {"name": "x", "advertiser_id": world.acme})
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(world.bob.see("brands")["data"]) == 1


def test_an_unknown_key_is_refused(world):
    """A key that was copied in part."""
    assert Person("x", "rdk_nonsense").get("brands").code == "unknown_key"


def test_a_revoked_key_is_refused(world):
    """Bob revokes a key of Alice's; the next request with it fails."""
    made = world.bob.make("api-keys", name="Old", affiliate_id=world.alice_id)
    alice = Person("Alice", made["key"])
    assert alice.get("offers").status == 200
    assert world.bob.delete(f"api-keys/{made['id']}").status == 204
    assert (alice.get("offers").status, alice.get("offers").code) == (401, "key_revoked")


def test_an_expired_key_is_refused(world):
    """Its time is over."""
    from django.utils import timezone

    from redound.console.accounts.keys import issue_key

    past = timezone.now() - timedelta(seconds=1)
    raw = issue_key("Short", user=world.bob_user, expires_at=past)[1]
    assert Person("Bob", raw).get("offers").code == "key_expired"


def test_the_key_of_a_user_who_was_switched_off_is_refused(world):
    """Bob leaves the company."""
    from redound.console.accounts.models import User

    User.objects.filter(pk=world.bob_user.pk).update(is_active=False)
    assert world.bob.get("offers").code == "user_inactive"


def test_every_answer_has_a_request_id(world):
    """The problem repeats it, and one that was sent is kept."""
    answer = world.bob.get("brands/brd_none")
    assert answer.status == 404
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    kept = world.bob.get("brands", X_Request_ID="from-the-gateway-1")
    assert kept.headers["X-Request-ID"] == "from-the-gateway-1"


@pytest.mark.parametrize("path", ["nothing", "brands/x/y", "brands/%00", "brands/a'b"])
def test_what_is_not_there_is_404(world, path):
    """Unknown paths and impossible IDs alike."""
    answer = world.bob.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_method_that_is_not_offered_is_405(world):
    """Links are switched off, never deleted."""
    answer = world.bob.delete(f"links/{world.link}")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert "PATCH" in answer.headers["Allow"]


@pytest.mark.parametrize("body", ["{", "", '{"name": NaN}'])
def test_what_is_not_json_is_400(world, body):
    """Or nothing at all, which lacks every field."""
    answer = world.bob.post("brands", body)
    assert answer.status in {400, 422}
    assert answer.json["code"] in {"bad_request", "invalid"}


@pytest.mark.parametrize("body", ["[]", '"x"', "3", "null"])
def test_json_that_is_no_object_is_422(world, body):
    """A list is no brand."""
    assert world.bob.post("brands", body).status == 422


def test_a_fault_of_our_own_tells_nothing(world, monkeypatch):
    """An unforeseen exception is logged under the request ID and says nothing of itself."""
    from redound.console.catalog import visibility

    def broken(caller):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(visibility.Goal, "objects", property(broken))
    answer = world.bob.get("goals")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret detail" not in str(answer.json)


def test_a_database_that_cannot_serve_is_503(world, monkeypatch):
    """The asker is told to come again."""
    from django.db import OperationalError

    from redound.console.accounts import keys

    def locked(raw):
        raise OperationalError("database is locked")

    monkeypatch.setattr(keys, "recognise", locked)
    answer = world.bob.get("goals")
    assert (answer.status, answer.code) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_an_address_that_is_not_served_says_what_to_set(world):
    """Somebody put a proxy before Redound and did not tell it its name."""
    answer = world.bob.get("offers", Host="elsewhere.example.com")
    assert (answer.status, answer.code) == (400, "host_not_served")
    assert "REDOUND_BASE_URL" in answer.json["detail"]
