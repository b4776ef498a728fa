"""Measurements of a run: response times, acknowledged sessions, samples of /metrics.
Imports no other part of loadprofiles; play and judge import it."""
