"""Replays a trace with the rules of its game, in a process that can do nothing else.
Imports core; bootstrap imports it."""
