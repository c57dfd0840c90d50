"""The vault: sealed credentials, keys derived for each purpose, and their rotation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.ids import NotOurs, mint_click_id, read_click_id
from redound.vault import KeyringError, SealError, SecretKey, Vault, generate_secret, is_sealed

FIRST = "the first secret key of this installation"
SECOND = generate_secret([FIRST])
PLACE = "postbacks/pbk_1/auth.token"


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_sealed_text_opens_in_its_place(text):
    """Alice's token comes back where it was put."""
    vault = Vault(FIRST)
    sealed = vault.seal(text, PLACE)
    assert is_sealed(sealed)
    assert vault.unseal(sealed, PLACE) == text


def test_sealing_twice_gives_different_texts():
    """Whoever reads the database cannot tell that two affiliates share a password."""
    vault = Vault(FIRST)
    assert vault.seal("same", PLACE) != vault.seal("same", PLACE)


@pytest.mark.parametrize("place", ["postbacks/pbk_2/auth.token", "postbacks/pbk_1/auth.password", ""])
def test_a_sealed_text_does_not_open_elsewhere(place):
    """Charlie copies Alice's sealed token into his own postback; it does not open there."""
    vault = Vault(FIRST)
    with pytest.raises(SealError, match="another place"):
        vault.unseal(vault.seal("t0ken", PLACE), place)


@pytest.mark.parametrize("position", range(5, 40, 5))
def test_a_changed_text_does_not_open(position):
    """One changed character, and it is refused."""
    vault = Vault(FIRST)
    sealed = vault.seal("t0ken", PLACE)
    changed = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
    with pytest.raises(SealError):
        vault.unseal(changed, PLACE)


@pytest.mark.parametrize(
    "sealed", ["", "t0ken", "v1.", "v1.3.", "v1.99.AAAA", "v2.3.AAAA", "v1.3.A", "v1.3.AAAA\n"]
)
def test_what_is_not_sealed_does_not_open(sealed):
    """A text in the clear is never taken for a sealed one."""
    with pytest.raises(SealError):
        Vault(FIRST).unseal(sealed, PLACE)


def test_credentials_outlive_a_rotation():
    """Bob changes the secret key; Alice's token still opens, and is sealed anew when he asks for it."""
    sealed = Vault(FIRST).seal("t0ken", PLACE)
    rotated = Vault(SECOND, [FIRST])
    assert rotated.unseal(sealed, PLACE) == "t0ken"
    assert rotated.is_stale(sealed)
    fresh = rotated.reseal(sealed, PLACE)
    assert not rotated.is_stale(fresh)
    assert Vault(SECOND).unseal(fresh, PLACE) == "t0ken"
    assert rotated.reseal(fresh, PLACE) == fresh


def test_without_the_old_key_its_texts_stay_shut():
    """A key that was dropped too early is named."""
    sealed = Vault(FIRST).seal("t0ken", PLACE)
    with pytest.raises(SealError, match="not held"):
        Vault(SECOND).unseal(sealed, PLACE)


def test_click_ids_outlive_a_rotation():
    """Visitors who clicked before the change still convert; a key's number does not depend on its rank."""
    click_id = mint_click_id(Vault(FIRST).click_keys, 1_763_600_000_000, 7, b"12345678")
    keys = Vault(SECOND, [FIRST]).click_keys
    assert read_click_id(keys, click_id) == read_click_id(Vault(FIRST).click_keys, click_id)
    assert read_click_id(Vault(SECOND).click_keys, click_id) == NotOurs("forged")
    assert keys.current == SecretKey(SECOND).number != SecretKey(FIRST).number


def test_keys_of_different_purposes_differ():
    """None of the derived keys is another's, nor is it the same for another secret key."""
    vault, other = Vault(FIRST), Vault(SECOND)
    derived = [
        each
        for one in (vault, other)
        for each in (
            next(iter(one.click_keys.keys.values())).hex(),
            one.session_keys[0],
            one.fingerprint,
            one.api_key_digest("rdk_1"),
            one.derive("streams").hex(),
            one.derive("exports").hex(),
        )
    ]
    assert len(set(derived)) == 12


def test_every_node_derives_the_same():
    """Two processes with one secret key agree on everything."""
    assert Vault(FIRST).fingerprint == Vault(FIRST).fingerprint
    assert Vault(FIRST).session_keys == Vault(FIRST).session_keys
    assert Vault(FIRST).click_keys == Vault(FIRST).click_keys


def test_a_database_is_recognised_by_its_fingerprint():
    """After a rotation the database's mark, made with the old key, is still ours; another's is not."""
    mark = Vault(FIRST).fingerprint
    rotated = Vault(SECOND, [FIRST])
    assert rotated.fingerprints == (Vault(SECOND).fingerprint, mark)
    assert mark not in Vault(SECOND).fingerprints


def test_api_keys_are_stored_as_digests():
    """A stolen database shows no API key; after a rotation keys made before still work."""
    digest = Vault(FIRST).api_key_digest("rdk_secret")
    assert "secret" not in digest
    assert len(digest) == 64
    assert digest in Vault(SECOND, [FIRST]).api_key_digests("rdk_secret")
    assert digest not in Vault(SECOND).api_key_digests("rdk_secret")


def test_sessions_outlive_a_rotation():
    """Bob stays signed in: the old session key is a fallback."""
    assert Vault(SECOND, [FIRST]).session_keys == (
        Vault(SECOND).session_keys[0],
        Vault(FIRST).session_keys[0],
    )


def test_an_empty_key_is_refused():
    """Nothing is ever derived from nothing."""
    with pytest.raises(KeyringError, match="empty"):
        Vault("")
    with pytest.raises(KeyringError, match="empty"):
        Vault(FIRST, [""])


def test_keys_that_share_a_number_are_refused():
    """Their click IDs could not be told apart; the operator is told to make another key."""
    clash = next(key for key in map(str, range(1000)) if SecretKey(key).number == SecretKey(FIRST).number)
    with pytest.raises(KeyringError, match="same number"):
        Vault(FIRST, [clash])


def test_a_generated_key_clashes_with_none():
    """A new key always goes together with the ones that are held."""
    for _ in range(20):
        assert SecretKey(generate_secret([FIRST, SECOND])).number not in {
            SecretKey(FIRST).number,
            SecretKey(SECOND).number,
        }


def test_the_same_key_twice_is_one():
    """An operator who lists the current key among the old ones does no harm."""
    assert Vault(FIRST, [FIRST]).fingerprints == (Vault(FIRST).fingerprint,)


def test_a_weak_key_is_told():
    """`doctor` can warn of a key that could be guessed."""
    assert Vault("secret").weak
    assert not Vault(SECOND).weak


def test_keys_do_not_show():
    """A key never gets into a log by way of a repr."""
    assert FIRST not in repr(SecretKey(FIRST))
    assert FIRST not in repr(Vault(FIRST))
