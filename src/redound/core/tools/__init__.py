"""What the tester and the checklist know without any database."""
