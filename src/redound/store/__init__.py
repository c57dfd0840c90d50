"""Databases behind one port: SQLite, PostgreSQL, and memory for tests."""
