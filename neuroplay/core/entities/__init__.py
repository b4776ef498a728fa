"""Entities, which validate themselves, and values of the domain.
Imports only errors; all of core and the adapters import it."""
