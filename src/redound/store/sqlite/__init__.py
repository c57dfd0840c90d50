"""SQLite: the standard library's module, one writer thread with group commit, reader threads beside it."""

from redound.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
