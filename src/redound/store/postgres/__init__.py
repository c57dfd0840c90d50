"""PostgreSQL: asyncpg, batches by unnest, several in flight on connections of their own."""

from redound.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
