"""A PgBouncer for tests, installed where it is missing."""
