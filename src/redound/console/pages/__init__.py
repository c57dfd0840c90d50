"""Pages that both portals have. Each module lists its `urls`; they are mounted in both namespaces."""
