"""Starts NeuroPlay on this machine: checks, launch, the way to ready.
Imports the rest of operation; `cli.commands` imports it."""
