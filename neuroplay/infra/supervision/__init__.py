"""Keeping processes: how a child is started, found again, and never left behind."""
