"""Bringing NeuroPlay up on this machine: checks, launch, the way to ready."""
