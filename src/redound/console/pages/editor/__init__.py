"""The editor of postbacks: start from a tracker, write, check, preview, test and save on one page."""
