"""PostgreSQL on three machines under Patroni, for tests."""
