"""Log files on a disk that may be full: lines are lost then, and nothing else.

supervisor's own handlers tell of an error on stderr, which may lie on the same disk; that raises
again, whereupon supervisor gives up a program's output, and in the end itself.
"""

from __future__ import annotations

import contextlib
from typing import Any

from supervisor import loggers


def survive_a_full_disk() -> None:
    """Have every log of this process pass over what it cannot write, and go on with the next
    line for which there is room."""
    roll_over = loggers.RotatingFileHandler.doRollover

    def pass_over(handler: Any) -> None:
        if handler.stream.closed:  # the rotation before it failed half way
            handler.closed = True
            with contextlib.suppress(OSError):
                handler.reopen()

    def roll_over_or_not(handler: Any) -> None:
        with contextlib.suppress(OSError, ValueError):
            roll_over(handler)

    loggers.Handler.handleError = pass_over
    loggers.RotatingFileHandler.doRollover = roll_over_or_not
