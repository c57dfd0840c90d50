"""The linter, on URLs that people might paste."""
