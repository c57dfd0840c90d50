"""Migrations of players and reward plans."""
