"""Keeping processes: how a child is started, found again, and never left behind."""

READY = b"ready"
"""What the process that brings the system up tells the supervisor at the end."""
