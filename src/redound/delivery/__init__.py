"""HTTP out: claims what is due, sends it through the one door, and records what came of it."""
