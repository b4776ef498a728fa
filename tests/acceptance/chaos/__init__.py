"""Servers and workers are killed while games arrive; no game may be lost."""
