"""What helps a person to find out for themselves: tests, the checklist, backfill."""
