"""What is used while working on Redound and not shipped with it."""
