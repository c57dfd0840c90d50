"""Redound: self-hosted affiliate postbacks."""
