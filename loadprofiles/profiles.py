"""The load profiles: number of students, spawn rate, duration, and what the students do.

docs/load.md gives the source of each number, or says that it is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

REQUESTS_OF_A_TURN = MappingProxyType(
    {"game": 1, "home": 1, "board": 1, "open": 2, "backlog": 1, "offline": 0}
)
"""Number of requests of each kind of turn, without retries."""

SCHOOL_DAY = MappingProxyType(
    {"game": 0.62, "home": 0.16, "board": 0.08, "open": 0.06, "backlog": 0.02, "offline": 0.06}
)
"""Shares of the kinds of turns; they make one request per turn on average."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A load profile. Times in seconds.

    `turns` are the shares of the kinds of turns; `think_s` the range of the time before each.
    `backlog` is the range of sessions in a backlog. With `comes_back_within_s` all tablets are
    offline at first: each sends its backlog once, at a random time within so many seconds after the
    ramp, and then stays offline.
    """

    name: str
    about: str
    users: int
    spawn_rate: float
    run_time_s: float
    think_s: tuple[float, float]
    turns: Mapping[str, float] = field(default_factory=lambda: SCHOOL_DAY)
    backlog: tuple[int, int] = (5, 60)
    least_rps: float | None = None
    comes_back_within_s: float | None = None


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                name="normal",
                about="an ordinary school day",
                users=500,
                spawn_rate=25,
                run_time_s=5 * 60,
                think_s=(0.5, 1),
                least_rps=500,
            ),
            Profile(
                name="stress",
                about="twice as many students, for longer",
                users=1000,
                spawn_rate=50,
                run_time_s=10 * 60,
                think_s=(1, 2),
                least_rps=500,
            ),
            Profile(
                name="spike",
                about="2000 students within 20 seconds",
                users=2000,
                spawn_rate=100,
                run_time_s=2 * 60,
                think_s=(1, 3),
                least_rps=500,
            ),
            Profile(
                name="soak",
                about="a day and a night, to find what grows",
                users=200,
                spawn_rate=10,
                run_time_s=24 * 3600,
                think_s=(1, 3),
            ),
            Profile(
                name="monday",
                about="2000 tablets return from a weekend offline, each with a backlog",
                users=2000,
                spawn_rate=100,
                run_time_s=2 * 60,
                think_s=(1, 3),
                comes_back_within_s=20,
            ),
        )
    }
)

DEFAULT = "normal"
CALIBRATION_S = 2.0
"""In which the machine's speed is measured before a run."""

_SPAN = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def seconds_of(text: str) -> float:
    """The seconds of `90`, `90s`, `5m` or `1h30m`. Raises ValueError for another format and for
    zero."""
    words = text.strip().lower()
    # A number without a unit after others ("1h30") is ambiguous.
    found = _SPAN.fullmatch(f"{words}s" if _SECONDS.fullmatch(words) else words)
    if not found or not any(found.groups()):
        raise ValueError(f"{text!r} is not a duration: write it as 90s, 5m or 1h30m")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if total <= 0:
        raise ValueError("a run must take longer than 0 s")
    return total


def span_text(seconds: float) -> str:
    """Seconds as `90s`, `5m` or `1h30m`, rounded to whole seconds."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    return "".join(parts) + (f"{left}s" if left or not (hours or minutes) else "")
