"""Replays traces with the games' own rules in a sandboxed process.
Imports core; bootstrap imports it."""
