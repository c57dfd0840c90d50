"""What people want to be told, by which way, and what they were told: the bell, its page and its settings."""
