"""Progress of `serve` while it starts: a status line on a terminal, otherwise plain lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cli.output.terminal import err, note


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Yields a function that shows the current step; a terminal's line is removed at the end."""
    if not sys.stderr.isatty():
        yield _say
        return
    from rich.markup import escape
    from rich.status import Status

    with Status("Starting", console=err()) as live:
        yield lambda text: live.update(escape(f"{text} ..."))


def _say(text: str) -> None:
    with suppress(BrokenPipeError):  # without a reader the start continues
        note(f"{text} ...")
