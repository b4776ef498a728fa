"""Polls a server, for --watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from cli.output.errors import CANNOT, CommandError

Seen = TypeVar("Seen")


def watched(ask: Callable[[], Seen], every_s: float) -> Iterator[tuple[str, Seen | CommandError]]:
    """Yields (time in ISO 8601 and UTC, result of `ask`) every `every_s` seconds, without an end.

    If the server cannot be reached, the CommandError is the result. Other errors are raised.
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
