"""The pure core: it decides; it never reads a clock, a random source, a socket or a database."""
