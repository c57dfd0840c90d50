"""Whole journeys through real processes, on both databases."""
