"""Which secret key a database belongs to."""

from __future__ import annotations

import pytest

from redound.keys import WrongKeyError, check_fingerprint
from redound.vault import Vault

OLD, NEW, FOREIGN = ("an old secret key of 32 characters", "a newer secret key of 32 characters", "x" * 40)


async def test_a_node_with_a_foreign_key_is_refused(rig):
    """It would call the click IDs of all others forged."""
    await check_fingerprint(rig.store, Vault(OLD))
    await check_fingerprint(rig.store, Vault(OLD))
    with pytest.raises(WrongKeyError, match="REDOUND_OLD_SECRET_KEYS"):
        await check_fingerprint(rig.store, Vault(FOREIGN))


async def test_a_rotation_moves_the_mark_and_the_old_key_alone_is_refused_then(rig):
    """Every node that knows both may start, in whatever order."""
    await check_fingerprint(rig.store, Vault(OLD))
    await check_fingerprint(rig.store, Vault(NEW, (OLD,)))
    await check_fingerprint(rig.store, Vault(NEW, (OLD,)))
    with pytest.raises(WrongKeyError):
        await check_fingerprint(rig.store, Vault(OLD))
