"""Hints within one process: from any thread to callbacks on their event loops."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class _Listener:
    """One callback and the loop it belongs to. `pending` folds hints that come before it ran into one."""

    __slots__ = ("callback", "loop", "pending")

    def __init__(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
        self.loop = loop
        self.callback = callback
        self.pending = False

    def run(self) -> None:
        # Cleared before the call: a hint that comes while the callback looks must lead to another look.
        self.pending = False
        self.callback()


class LocalBus:
    """A `Wake` for everything in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[_Listener, ...] = ()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See Wake. RuntimeError outside an event loop."""
        listener = _Listener(asyncio.get_running_loop(), callback)
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(other for other in self._listeners if other is not listener)

        return end

    def notify(self) -> None:
        """See Wake. A listener whose loop has ended is passed over."""
        for listener in self._listeners:
            with self._lock:
                if listener.pending or listener.loop.is_closed():
                    continue
                listener.pending = True
            try:
                listener.loop.call_soon_threadsafe(listener.run)
            except RuntimeError:  # the loop was closed between the check and the call
                listener.pending = False
