"""Reverse proxies for tests."""
