"""Tests with a learning record store, which has an environment of its own: `make test-lrs`."""
