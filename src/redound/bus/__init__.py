"""Wake-ups between the planes: a hint that something is due. The database stays the truth."""
