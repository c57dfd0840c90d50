"""Work on many rows that somebody asked for: counted first, then done piece by piece, followed and stopped.

A job runs in a process of its own and tells through its row how far it is; a cut one is gone on with.
"""
