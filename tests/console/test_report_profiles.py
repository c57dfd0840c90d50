"""Bob tells Redound how a network reports."""

from __future__ import annotations

import pytest

PROFILE = {
    "path_keys": ["the-path-key-of-acme-1"],
    "signing_secrets": ["the signing-secret".replace(" ", "-")],
    "preset": "affise",
    "parameter_names": {"hit": "click_id", "rev": "amount", "payout": None},
    "default_status": "pending",
    "repeats": "new_txid",
    "answer": "OK",
    "success_code": 202,
    "failure_code": 200,
}


def test_a_profile_is_read_back_without_its_secrets(world):
    """Whether there are any is shown; the rest as it was entered."""
    world.bob.patch(f"advertisers/{world.acme}", PROFILE)
    shown = world.bob.see(f"advertisers/{world.acme}")
    hidden = [{"value": None, "has_value": True}]
    assert {name: shown[name] for name in PROFILE} == PROFILE | {
        "path_keys": hidden,
        "signing_secrets": hidden,
    }


def test_a_profile_reaches_what_decides(world):
    """Names, words, keys and codes are those that the planes read."""
    from redound.console.catalogue import Catalogue
    from redound.core.bearings import token_digest

    world.bob.patch(f"advertisers/{world.acme}", PROFILE)
    catalog = Catalogue()
    for secret in (*PROFILE["path_keys"], *PROFILE["signing_secrets"]):
        acme = catalog.advertiser_by_token(token_digest(secret))
        assert acme.id == world.acme
    profile = acme.profile
    assert (profile.aliases["hit"], "payout" in profile.aliases) == ("click_id", False)
    assert (profile.default_status, profile.repeat, profile.answer) == ("pending", "new_txid", "OK")
    assert (profile.success_code, profile.failure_code) == (202, 200)
    assert acme.status_words["3"] == "rejected"
    assert len(acme.signing_secrets) == 1


def test_a_key_is_replaced_in_two_steps(world):
    """The old one holds beside the new one until Bob takes it out; three are one too many."""
    path = f"advertisers/{world.acme}"
    world.bob.patch(path, PROFILE)
    assert world.bob.patch(path, {"path_keys": [{"value": None}, "another-path-key-22"]}).status == 200
    assert len(world.bob.see(path)["path_keys"]) == 2
    three = world.bob.patch(path, {"path_keys": [f"path-key-number-{number}-of-3" for number in range(3)]})
    assert three.status == 422
    assert (
        world.bob.patch(
            path,
            {
                "path_keys": [
                    {"value": None},
                    {"value": None},
                ]
            },
        ).status
        == 200
    )


def test_no_two_credentials_are_alike(world):
    """Whatever their kind and whoever has them: by them the advertiser is found."""
    world.bob.patch(f"advertisers/{world.acme}", PROFILE)
    other = world.bob.make("advertisers", name="Other")["id"]
    key = PROFILE["path_keys"][0]
    answer = world.bob.patch(f"advertisers/{other}", {"tokens": [key]})
    assert (answer.status, answer.pointers) == (422, ["/tokens/0"])
    both = world.bob.patch(f"advertisers/{world.acme}", {"signing_secrets": [key]})
    assert (both.status, both.pointers) == (422, ["/signing_secrets/0"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("path_keys", ["short"]),
        ("path_keys", ["with/a/slash/in-the-middle"]),
        ("preset", "nonsense"),
        ("parameter_names", {"hit": "nonsense"}),
        ("parameter_names", {"Token": "click_id"}),
        ("parameter_names", {"hit": "click_id", "HIT": "txid"}),
        ("default_status", "done"),
        ("repeats", "sometimes"),
        ("success_code", 500),
        ("success_code", 301),
        ("failure_code", 302),
        ("failure_code", 500),
        ("answer", "x" * 1025),
    ],
)
def test_what_cannot_be_is_refused(world, field, value):
    """The field is named, and nothing changes."""
    before = world.bob.see(f"advertisers/{world.acme}")
    answer = world.bob.patch(f"advertisers/{world.acme}", {field: value})
    assert answer.status == 422
    assert answer.pointers[0].startswith(f"/{field}")
    assert world.bob.see(f"advertisers/{world.acme}") == before


def test_secrets_are_neither_in_the_database_nor_in_the_audit_log(world):
    """As digest and sealed text only; the log says that they changed."""
    from redound.console.accounts.models import AuditEntry
    from redound.console.catalog.models import Advertiser

    world.bob.patch(f"advertisers/{world.acme}", PROFILE)
    row = Advertiser.objects.get(pk=world.acme)
    entry = AuditEntry.objects.filter(row_id=world.acme, action="edit").latest("at")
    stored = repr([row.path_keys, row.signing_secrets, entry.differences])
    assert entry.differences.keys() >= {"path_keys", "signing_secrets", "repeats"}
    for secret in (*PROFILE["path_keys"], *PROFILE["signing_secrets"]):
        assert secret not in stored
    assert row.path_keys[0]["digest"] not in repr(entry.differences)


def test_the_presets_can_be_read(world):
    """Bob sees what to enter at the network; Alice does not see advertisers at all."""
    presets = {each["preset"]: each for each in world.bob.see("advertisers/presets")["data"]}
    assert presets["affise"]["status_words"] == {
        "1": "approved",
        "2": "pending",
        "3": "rejected",
        "5": "hold",
    }
    assert presets["tune"]["query"].startswith("click_id={aff_sub}&")
    assert presets["tune"]["click_slot"] == "aff_sub"
    assert world.alice.get("advertisers/presets").status == 403


def test_a_profile_is_exported_without_its_secrets_and_imported(world):
    """Configuration as code says all but the credentials, and keeps those that are there."""
    from redound.cli.nouns import nouns
    from redound.console.accounts.callers import Caller

    world.bob.patch(f"advertisers/{world.acme}", PROFILE)
    noun = next(each for each in nouns() if each.name == "advertisers")
    caller = Caller(by="test")
    (values,) = noun.export(caller)
    assert values["parameter_names"] == PROFILE["parameter_names"]
    assert not {"tokens", "path_keys", "signing_secrets"} & values.keys()
    assert noun.bring(values, caller) == ""
    assert noun.bring({**values, "repeats": "ignore"}, caller) == "edit"
    shown = world.bob.see(f"advertisers/{world.acme}")
    assert (shown["repeats"], len(shown["path_keys"])) == ("ignore", 1)
