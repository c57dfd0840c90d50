"""Conversions, in both portals: the list, one of them, and what managers do with them."""
