"""The console: the API, its permissions, its secrets, its connections."""
