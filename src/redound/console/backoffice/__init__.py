"""Django's own admin for superusers, at a prefix of its own. Nobody else needs it."""
