"""Starts NeuroPlay on this machine: checks, launch, boot.
Imports the rest of operation; `cli.commands` imports it."""
