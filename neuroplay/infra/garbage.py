"""Python's garbage collector, for processes that make many short-lived objects."""

from __future__ import annotations

import gc

THRESHOLD = 10_000
"""New objects that start a collection: those of some forty requests, or of a hundred sessions in a
drain. With the default of 700 it would start every third request."""


def collect_rarely() -> None:
    """Collect less often, and never what exists now: its memory pages remain shared with the parent
    process. To be called once, when a process has forked."""
    gc.freeze()
    gc.set_threshold(THRESHOLD)
