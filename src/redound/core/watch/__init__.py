"""The watch: recent hours against the usual ones, and what is worth an incident. See docs/watch.md."""
