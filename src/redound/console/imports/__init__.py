"""Files of conversions, status changes and activity: what is imported, and what became of each row."""
