"""Protocols for what core needs from outside; adapters in infra and fakes in tests implement them.
Imports entities; use cases and adapters import it."""
