"""Live streams (Server-Sent Events): rows as they come and change, beside Django and without its threads."""
