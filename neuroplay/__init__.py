"""NeuroPlay: offline-first brain-training games for children."""

__version__ = "2.5.0"
"""The release. It is written here alone; `setup.cfg` reads it from here."""
