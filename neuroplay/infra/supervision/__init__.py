"""Keeping processes: how a child is started, found again, and never left behind."""

READY = b"ready"
"""What the process that brings the system up tells the supervisor at the end."""

NO_ANSWER = "no answer"
"""How the reason begins of a program that runs and is deaf."""

RUN_FILES = (
    "gate",
    "control.sock",
    "redis.sock",
    "supervisor.pid",
    "supervisor.conf",
    "serve.json",
)
"""What one run leaves in the runtime folder."""
