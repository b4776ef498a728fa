"""Servers for comparison with NeuroPlay, each run as `python -m`.
Imports the harness; groups import it or start it."""
