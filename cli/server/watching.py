"""Asking a server again and again, as --watch does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from cli.output.errors import CANNOT, CommandError

Seen = TypeVar("Seen")


def watched(ask: Callable[[], Seen], every_s: float) -> Iterator[tuple[str, Seen | CommandError]]:
    """Each moment, as ISO 8601 in UTC, with what `ask` saw, or why it could not reach the server.

    Never ends. Raises what else `ask` raises.
    """
    while True:
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            yield moment, ask()
        except CommandError as error:
            if error.code != CANNOT:
                raise
            yield moment, error
        time.sleep(every_s)
