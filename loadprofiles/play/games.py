"""Session records of finished games, all plausible.

A turn of a load test takes seconds, a child's game takes minutes. Therefore a student's games do
not happen now, but one after another in the past, without overlap.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

GAMES = ("cyber_runner",)
"""Games that can be played."""

SHORTEST_S, LONGEST_S = 60, 120
LEAST_POINTS_A_SECOND, MOST_POINTS_A_SECOND = 2, 4
"""Rates that are possible at every difficulty."""

TRACED = 1 / 60
"""Share of the games with a trace to verify. A student plays about 60 times as fast as a child, so
games with a trace come as often as from children."""

ANSWERS = 40
KINDS = 200
"""Number of prepared lists of response times."""

# Of the children's sessions in OpenNeuro ds001486 and ds002424, see docs/load.md.
MEDIAN_MS, SPREAD = 790, 0.37

LEFT_AFTER_STEPS = (100, 190)
"""Length of a round with a trace, in sixtieths of a second. It ends before the first lantern and so
has the same result on every course. Each can have its own course, as a class requires."""

KEYS = (1, 2, 4)
STOP = 8

LONGEST_GAME_S = 250
"""Upper limit of a game with the pause after it."""

YEARS_S = 30 * 365 * 86_400


def _answer_times() -> list[list[int]]:
    random = Random(1)  # noqa: S311 - need not be secret
    return [
        [round(MEDIAN_MS * random.lognormvariate(0, SPREAD)) for _ in range(ANSWERS)]
        for _ in range(KINDS)
    ]


_ANSWER_TIMES = _answer_times()


class Player:
    """One student's games, in order. Up to `games_ahead` of them end before `now`."""

    def __init__(
        self, random: Random, *, games_ahead: int = 1000, now: Callable[[], float] = time.time
    ) -> None:
        self._random = random
        span = games_ahead * LONGEST_GAME_S + 86_400
        # A random time within many years, so that runs with the same students hardly overlap: the
        # server holds a game that overlaps with another one of the student.
        self._clock = max(now() - span - random.random() * YEARS_S, 0.0)

    def finish_a_game(self) -> dict[str, Any]:
        """The record of one finished game."""
        random = self._random
        if random.random() < TRACED:
            played = left_early(random)
            duration = played["duration"]
        else:
            duration = random.randint(SHORTEST_S, LONGEST_S)
            played = {
                "game_type": random.choice(GAMES),
                "game_version": "1",
                "score": random.randint(LEAST_POINTS_A_SECOND, MOST_POINTS_A_SECOND) * duration,
                "duration": duration,
                "accuracy": random.randint(50, 100) / 100,
                "completed": random.random() < 0.9,
                "metadata": {
                    "difficulty": random.randint(1, 5),
                    "seed": random.getrandbits(31),
                    "reaction_times_ms": random.choice(_ANSWER_TIMES),
                },
            }
        began = self._clock
        ended = began + duration + random.randint(1, 5)
        self._clock = ended + random.randint(10, 40)
        return {
            "session_id": str(UUID(int=random.getrandbits(128), version=4)),
            "started_at": wire_time(began),
            "ended_at": wire_time(ended),
            "utc_offset_minutes": -180,
            **played,
        }


def left_early(random: Random) -> dict[str, Any]:
    """The record of a round that was left after a few steps, with its trace, and the result that
    the game's rules give for it."""
    steps = random.randint(*LEFT_AFTER_STEPS)
    first, second = random.randint(1, 40), random.randint(1, 40)
    return {
        "game_type": "cyber_runner",
        "game_version": "1",
        "score": 0,
        "duration": (steps * 10 + 30) // 60 / 10,
        "accuracy": 0,
        "completed": False,
        "metadata": {
            "difficulty": random.randint(1, 5),
            "seed": random.getrandbits(32),
            "trace": [
                *(first, random.choice(KEYS), second, random.choice(KEYS)),
                *(steps + 1 - first - second, STOP),
            ],
        },
    }


def wire_time(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
