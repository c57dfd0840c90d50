"""Schema changes; the only DDL there is."""
