"""Entries of the gallery that people add to those that come with Redound."""
