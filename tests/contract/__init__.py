"""One suite for each interface of the core, run on PostgreSQL or Redis and on the fakes."""
