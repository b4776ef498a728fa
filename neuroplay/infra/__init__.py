"""Adapters: PostgreSQL, Redis, the verifier, metrics, logs, and the processes of an installation.
Imports core; bootstrap and operation import it, api and worker its monitoring."""
