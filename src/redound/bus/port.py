"""What the planes need of a bus: to say that deliveries are due, and to hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Wake(Protocol):
    """Carries hints. One may be lost or come twice: who hears it looks into the database."""

    def notify(self) -> None:
        """Say, from any thread, after the commit, that deliveries may be due."""

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the event loop that runs now, after each hint; return what ends that."""
