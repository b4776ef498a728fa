"""Commands against a real API and a real database."""
