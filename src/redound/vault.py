"""Keys and sealed credentials: everything secret is derived from, or sealed under, one secret key.

    REDOUND_SECRET_KEY ── HKDF-SHA256 ──┬── click MACs        (core.ids.ClickKeys)
                                        ├── sessions          (Django's SECRET_KEY)
                                        ├── credentials       (AES-256-GCM, `Vault.seal`)
                                        ├── API keys          (the pepper of their digests)
                                        └── fingerprint, key number (not secret)

After a rotation the old secret keys stay valid for reading: old click IDs are still ours, old credentials
open, people stay signed in. A key's number (0-15) is derived from it, so it is the same on every node and
whichever of the keys is current.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from redound.core.ids import ClickKeys

if TYPE_CHECKING:
    from collections.abc import Sequence

STRONG_SECRET: Final = 32
"""Characters from which on a secret key counts as strong."""

_SALT: Final = b"redound"
_SEALED = re.compile(r"v1\.([0-9]{1,2})\.([A-Za-z0-9_-]+)")
_NONCE_BYTES: Final = 12
_KEY_NUMBERS: Final = 16


class SealError(ValueError):
    """A sealed text does not open: it was changed or moved, or its key is not held any more."""


class KeyringError(ValueError):
    """The secret keys cannot be used together, or one of them not at all."""


def generate_secret(others: Sequence[str] = ()) -> str:
    """Return a new secret key whose number differs from those of the other keys."""
    taken = {SecretKey(other).number for other in others}
    while True:
        secret = base64.urlsafe_b64encode(os.urandom(48)).decode()
        if len(taken) >= _KEY_NUMBERS or SecretKey(secret).number not in taken:
            return secret


@dataclass(frozen=True)
class SecretKey:
    """One secret key and what is derived from it."""

    secret: str = field(repr=False)

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Return the key for one purpose (HKDF-SHA256); no purpose's key tells anything of another's."""
        hkdf = HKDF(algorithm=SHA256(), length=length, salt=_SALT, info=purpose.encode())
        return hkdf.derive(self.secret.encode())

    @cached_property
    def number(self) -> int:
        """The key's number in click IDs and sealed texts, 0 to 15."""
        return self.derive("key number", 1)[0] % _KEY_NUMBERS

    @cached_property
    def fingerprint(self) -> str:
        """What the database keeps to recognise the key by: 32 hex characters, not secret."""
        return self.derive("fingerprint", 16).hex()

    @cached_property
    def cipher(self) -> AESGCM:
        """The cipher of stored credentials."""
        return AESGCM(self.derive("credentials"))


class Vault:
    """The keyring: the current secret key, which seals and signs, and old ones, which are still read."""

    def __init__(self, secret_key: str, old_secret_keys: Sequence[str] = ()) -> None:
        """Take the keys. KeyringError when one is empty, or when two have the same number."""
        secrets = list(dict.fromkeys((secret_key, *old_secret_keys)))
        if not all(secrets):
            raise KeyringError("REDOUND_SECRET_KEY is empty.")
        self._current = SecretKey(secrets[0])
        self._keys: dict[int, SecretKey] = {}
        for key in map(SecretKey, secrets):
            if key.number in self._keys:
                raise KeyringError(
                    "An old secret key has the same number as another key, so IDs could not be told apart. "
                    "Generate another new key."
                )
            self._keys[key.number] = key

    @property
    def weak(self) -> bool:
        """Whether the current secret key is too short to be a good one."""
        return len(self._current.secret) < STRONG_SECRET

    @property
    def fingerprint(self) -> str:
        """The current key's fingerprint: what a database is marked with."""
        return self._current.fingerprint

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The fingerprints of all keys held, the current one first: a database with any of them is ours."""
        return tuple(key.fingerprint for key in self._keys.values())

    @cached_property
    def click_keys(self) -> ClickKeys:
        """The keys of click IDs."""
        keys = {number: key.derive("click mac") for number, key in self._keys.items()}
        return ClickKeys(self._current.number, keys)

    @cached_property
    def session_keys(self) -> tuple[str, ...]:
        """Django's SECRET_KEY, then its SECRET_KEY_FALLBACKS."""
        return tuple(key.derive("sessions", 48).hex() for key in self._keys.values())

    def derive(self, purpose: str) -> bytes:
        """Return the current key's 32 bytes for another purpose, such as short-lived stream tokens."""
        return self._current.derive(f"other: {purpose}")

    def api_key_digest(self, api_key: str) -> str:
        """Return what is stored of an API key."""
        return self.api_key_digests(api_key)[0]

    def api_key_digests(self, api_key: str) -> tuple[str, ...]:
        """Return what may be stored of an API key: by the current secret key, then by each old one."""
        return tuple(hmac.digest(pepper, api_key.encode(), "sha256").hex() for pepper in self._peppers)

    @cached_property
    def _peppers(self) -> tuple[bytes, ...]:
        return tuple(key.derive("api keys") for key in self._keys.values())

    def seal(self, text: str, place: str) -> str:
        """Return the text sealed for one place, "table/row id/field": elsewhere it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._current.cipher.encrypt(nonce, text.encode(), place.encode())
        encoded = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        return f"v1.{self._current.number}.{encoded}"

    def unseal(self, sealed: str, place: str) -> str:
        """Return the text that was sealed for this place; SealError when it does not open."""
        found = _SEALED.fullmatch(sealed)
        if found is None:
            raise SealError("This is not a sealed text.")
        key = self._keys.get(int(found[1]))
        if key is None:
            raise SealError(f"It was sealed with key number {found[1]}, which is not held any more.")
        try:
            content = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4))
            nonce, ciphertext = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
            return key.cipher.decrypt(nonce, ciphertext, place.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise SealError("It does not open: it was changed, or sealed for another place.") from None

    def reseal(self, sealed: str, place: str) -> str:
        """Return the same text sealed with the current key; what already is stays as it is."""
        text = self.unseal(sealed, place)
        return sealed if not self.is_stale(sealed) else self.seal(text, place)

    def is_stale(self, sealed: str) -> bool:
        """Tell whether this was sealed with another key than the current one."""
        return not sealed.startswith(f"v1.{self._current.number}.")


def is_sealed(text: str) -> bool:
    """Tell whether a text has the form of a sealed one."""
    return _SEALED.fullmatch(text) is not None
