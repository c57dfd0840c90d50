"""Traces over the API, on both databases."""
