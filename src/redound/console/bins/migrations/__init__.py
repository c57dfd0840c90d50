"""Migrations of the bins."""
