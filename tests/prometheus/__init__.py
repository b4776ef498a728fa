"""A Prometheus for tests, installed where it is missing."""
