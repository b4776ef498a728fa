"""Adapters: PostgreSQL, Redis, the verifier, monitoring, and the embedded servers.
Imports core; bootstrap and operation import it, api and worker its monitoring."""
