"""Signing in and what goes with it: second factors, invitations, sessions, profile, people, API keys."""
