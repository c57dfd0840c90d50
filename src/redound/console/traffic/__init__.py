"""Traffic as people see it: clicks, reports, conversions, deliveries. Read here, written by the store."""
