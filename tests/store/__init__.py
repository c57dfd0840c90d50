"""The store: one suite for every driver, and what is particular to each."""
