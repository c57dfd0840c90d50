"""Django's SQLite backend behind the process's fair gate."""
