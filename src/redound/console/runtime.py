"""What this process's console was started with: settings, bus, vault. Set once, before Django is set up."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound import settings as environment
from redound.vault import Vault

if TYPE_CHECKING:
    from redound.bus.port import Wake
    from redound.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """`wake` is None in a process that has no worker to wake (a command, an import)."""

    settings: Settings
    wake: Wake | None = None


_current: Runtime | None = None


def start(settings: Settings, wake: Wake | None = None) -> None:
    """Fix the runtime and set Django up. Only a process's first settings shape Django's own."""
    global _current  # noqa: PLW0603 - one console a process, as Django itself has it
    _current = Runtime(settings, wake)
    import django  # noqa: PLC0415 - Django is set up first
    from django.apps import apps  # noqa: PLC0415 - Django is set up first

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "redound.console.settings")
    if not apps.ready:
        django.setup()


def settings() -> Settings:
    """Return the settings of this process: those it was started with, else the environment's."""
    return _current.settings if _current is not None else environment.load()


def wake_worker() -> None:
    """Tell the bus that deliveries are due. Call it after the commit."""
    if _current is not None and _current.wake is not None:
        _current.wake.notify()


def vault() -> Vault:
    """Return the keyring of this process; KeyringError when there is no secret key."""
    ours = settings()
    return _vault(ours.secret_key, ours.old_secret_keys)


@functools.lru_cache(maxsize=4)
def _vault(secret_key: str, old_secret_keys: tuple[str, ...]) -> Vault:
    return Vault(secret_key, old_secret_keys)
