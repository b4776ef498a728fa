"""Servers that groups compare NeuroPlay with, each run as `python -m`.
Imports the harness; groups import it or start it."""
