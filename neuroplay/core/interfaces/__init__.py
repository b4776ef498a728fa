"""Protocols of the adapters that core needs. Adapters in infra and fakes in tests implement them.
Imports entities; use cases and adapters import it.

Repositories of the store are in modules by what they are about; the fakes in tests/fakes and the
PostgreSQL adapters in neuroplay/infra/db both pass tests/contract. A repository belongs to one unit
of work: its changes are invisible to others before the commit. Code that only reads needs the
`...Reading` part of a repository.
"""
