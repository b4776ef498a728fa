"""What `serve` shows while it starts: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cli.output.terminal import err, note


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Gives what shows the step that begins now; on a terminal the line goes at the end."""
    if not sys.stderr.isatty():
        yield _say
        return
    from rich.markup import escape
    from rich.status import Status

    with Status("Starting", console=err()) as live:
        yield lambda text: live.update(escape(f"{text} ..."))


def _say(text: str) -> None:
    with suppress(BrokenPipeError):  # nobody reads on; the start goes on
        note(f"{text} ...")
