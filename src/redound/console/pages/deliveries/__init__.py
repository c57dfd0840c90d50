"""The delivery log: what is owed to trackers, what was tried, and why it did not get through."""
