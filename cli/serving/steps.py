"""What `serve` shows while it starts: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from cli.terminal import err, note


class Steps:
    """One step after another; on a terminal the line goes when all are done."""

    def __init__(self) -> None:
        self._live: Any = None
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.markup import escape
            from rich.status import Status

            self._escape = escape
            self._live = Status("Starting", console=err())
            self._live.start()
        return self

    def say(self, text: str) -> None:
        """Show the step that begins now."""
        if self._live is not None:
            self._live.update(self._escape(f"{text} ..."))
        else:
            with suppress(BrokenPipeError):  # nobody reads on; the start goes on
                note(f"{text} ...")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the line away, and give the terminal its cursor back."""
        if self._live is not None:
            self._live.stop()
