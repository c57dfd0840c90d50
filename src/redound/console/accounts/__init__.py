"""People, their keys, and what they changed."""
