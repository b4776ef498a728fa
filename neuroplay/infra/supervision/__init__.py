"""Keeping processes: how a child is started, found again, and never left behind."""

READY = b"ready"
"""What the process that brings the system up tells the supervisor at the end."""

RUN_FILES = (
    "gate",
    "control.sock",
    "redis.sock",
    "supervisor.pid",
    "supervisor.conf",
    "serve.json",
)
"""What one run leaves in the runtime folder."""
