"""The affiliates' portal."""
