"""Protocols of the adapters that core needs. Adapters in infra and fakes in tests implement them.
Imports entities; use cases and adapters import it."""
