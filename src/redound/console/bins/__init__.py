"""Catch-all bins: whose they are, how they answer, and what was sent to them."""
