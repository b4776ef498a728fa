"""Parses points in time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cli.output.errors import usage_error

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def point_in_time(text: str | None, *, option: str, now: datetime | None = None) -> datetime | None:
    """Parse `2h` or `3d` (ago), `2026-11-20` or `2026-11-20T14:03`, with or without a time zone
    (default: this machine's). Raises CommandError with exit code 2.
    """
    if text is None:
        return None
    try:
        if ago := re.fullmatch(r"(\d{1,6})([smhdw])", text.strip().lower()):
            return (now or datetime.now(UTC)) - int(ago[1]) * _UNITS[ago[2]]
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise usage_error(
            f"{option}: {text!r} is not a point in time",
            hint="Use 2h, 3d, 2026-11-20 or 2026-11-20T14:03",
        ) from None
