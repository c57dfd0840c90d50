"""Tracing: what the tables know about a click, a value or an ID, read for one person and judged by rules."""
