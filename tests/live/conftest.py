"""The console's people, for streams."""

from __future__ import annotations

from tests.console.conftest import bus, world

__all__ = ["bus", "world"]
