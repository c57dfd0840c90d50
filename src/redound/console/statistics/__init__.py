"""Figures for people: how they are asked for, read from the rollups, shown on pages and told by the API."""
