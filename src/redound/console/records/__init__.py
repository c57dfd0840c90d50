"""What each noun is for a reader: the rows they see, how these are shown, and what they are filtered by.

The API and the portals read alike through this package; it knows of neither.
"""
