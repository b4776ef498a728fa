"""NeuroPlay: offline-first brain-training games for children."""

__version__ = "2.5.0"
"""The release. This is its only place; `setup.cfg` reads it from here."""
