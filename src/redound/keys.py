"""Where the secret key comes from, and whether it is the one that the database knows."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from redound.settings import SettingError
from redound.vault import generate_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from redound.settings import Settings
    from redound.vault import Vault

NAME = "REDOUND_SECRET_KEY"
FILE = "secret.key"


class WrongKeyError(SettingError):
    """The database was used with another secret key."""


class Marked(Protocol):
    """A database that remembers a key's fingerprint."""

    async def mark_key(self, fingerprints: Sequence[str]) -> str:
        """Return the fingerprint that the database is marked with.

        One without a mark, or marked with any of these, is marked with the first of them before.
        """


def with_secret_key(settings: Settings, *, generate: bool = False) -> Settings:
    """Return the settings with the secret key of the environment, else that kept in the data directory.

    With `generate` a missing one is made and kept there: `init`, and `serve` on SQLite. Anywhere else a node
    with a key of its own would call the click IDs of all others forged, so SettingError.
    """
    if settings.secret_key:
        return settings
    path = settings.data_dir / FILE
    kept = _read(path)
    if not kept and generate:
        kept = _keep(path, generate_secret(settings.old_secret_keys))
    if not kept:
        raise SettingError(
            NAME,
            f"it is not set, and {path} does not exist. Every process of an installation needs the same key: "
            f"set it to the one that `redound init` made, or run `redound init` for a new installation.",
        )
    return replace(settings, secret_key=kept)


async def check_fingerprint(database: Marked, vault: Vault) -> None:
    """Mark the database with the key, or raise WrongKeyError when it knows another one."""
    compare(await database.mark_key(vault.fingerprints), vault)


def compare(mark: str, vault: Vault) -> None:
    """Raise WrongKeyError when a database bears another key's mark. Without a mark it is nobody's yet."""
    if mark not in {"", vault.fingerprint}:
        raise WrongKeyError(
            NAME,
            "the database was used with another key: with this one every click ID that is out there would be "
            "forged and no stored credential could be read. Set the key that was used before; to change it, "
            "put the old one into REDOUND_OLD_SECRET_KEYS.",
        )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingError(NAME, f"{path} cannot be read: {error.strerror}") from None


def _keep(path: Path, secret: str) -> str:
    """Write the key for its owner alone; of two processes that start at once the first one's key counts."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{FILE}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # unlike a rename it never replaces the key of somebody quicker
        except FileExistsError:
            return _read(path)
        finally:
            temporary.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SettingError(NAME, f"a new key cannot be kept in {path}: {error.strerror}") from None
    return secret
