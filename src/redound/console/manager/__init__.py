"""The managers' portal."""
