"""People at a real browser, in front of a real server."""
