"""The tag of live lists."""
