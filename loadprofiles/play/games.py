"""Session records of finished games, all plausible.

A turn of a load test takes seconds, a child's game takes minutes. Therefore a student's games do
not happen now, but one after another in the past, without overlap.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

CORE = Path(__file__).parents[2] / "neuroplay" / "core"
"""Only its tables are read, as by the tablets: nothing of the server is imported."""

STEPS_A_SECOND = 60
STOP = 8

LEAST_SHARE, MOST_SHARE = 0.4, 0.8
"""Of the points that the rules can give at the level in the time."""

LONGEST_PAUSE_S = 40

TRACED = 1 / 60
"""Share of the games with a trace to verify. A student plays about 60 times as fast as a child, so
games with a trace come as often as from children."""

ANSWERS = 40
KINDS = 200
"""Number of prepared lists of response times."""

# Of the children's sessions in OpenNeuro ds001486 and ds002424, see docs/load.md.
MEDIAN_MS, SPREAD = 790, 0.37

ID_MASK = ~(0xF << 76 | 0x3 << 62)
ID_VERSION = 0x4 << 76 | 0x2 << 62
"""Version and variant of a random UUID (RFC 9562)."""

YEARS_S = 30 * 365 * 86_400


def _answer_times() -> list[list[int]]:
    random = Random(1)  # noqa: S311 - need not be secret
    return [
        [round(MEDIAN_MS * random.lognormvariate(0, SPREAD)) for _ in range(ANSWERS)]
        for _ in range(KINDS)
    ]


_ANSWER_TIMES = _answer_times()


@dataclass(frozen=True, kw_only=True, slots=True)
class Game:
    """A game that can be played, in its current version. `rises` has, for each level, at which
    tenths of a second the most points rise, and to how many."""

    game_type: str
    version: str
    levels: tuple[int, int]
    keys: Sequence[int]
    round_s: int
    rises: Sequence[tuple[Sequence[int], Sequence[int]]]

    def rises_at(self, level: int) -> tuple[Sequence[int], Sequence[int]]:
        return self.rises[level - self.levels[0]]

    def most_points(self, level: int, seconds: int) -> int:
        tenths, points = self.rises_at(level)
        risen = bisect_right(tenths, seconds * 10)
        return points[risen - 1] if risen else 0


def read_games(catalogue: dict[str, Any], bounds: dict[str, Any]) -> list[Game]:
    """The playable games of the two tables."""
    return [
        _game(row["id"], row["version"], bounds[row["id"]][row["version"]])
        for row in catalogue["games"]
        if row["playable"]
    ]


def _game(game_type: str, version: str, known: dict[str, Any]) -> Game:
    rises: list[tuple[Sequence[int], Sequence[int]]] = []
    for group in known["groups"]:
        lowest, highest = group["levels"]
        rises += [(group["rises_at_tenths"], group["points"])] * (highest - lowest + 1)
    return Game(
        game_type=game_type,
        version=version,
        levels=(known["levels"][0], known["levels"][1]),
        keys=_bits_of(known["inputs"]),
        round_s=known["round_s"],
        rises=rises,
    )


def _bits_of(mask: int) -> list[int]:
    return [1 << bit for bit in range(mask.bit_length()) if mask >> bit & 1]


GAMES = read_games(
    *(
        json.loads((CORE / name).read_text(encoding="utf-8"))
        for name in ("game_catalogue.json", "game_bounds.json")
    )
)

LONGEST_GAME_S = max(game.round_s for game in GAMES) + 5 + LONGEST_PAUSE_S
"""Upper limit of a game with the pause after it."""


class Finished(NamedTuple):
    """A finished game. `record` is its JSON, made once, however often it is sent."""

    session_id: str
    ended_at: str
    record: str


def batch_of(
    sessions: Iterable[Finished], device_id: str, *, pending: int = 0, oldest: str | None = None
) -> str:
    """The JSON of a sync of a device with `pending` more sessions, the oldest of which ended at
    `oldest`."""
    about = {
        "device_id": device_id,
        "sent_at": wire_time(time.time()),
        "outbox": {"pending": pending, "oldest": oldest},
    }
    records = ", ".join([one.record for one in sessions])
    return f'{json.dumps(about)[:-1]}, "sessions": [{records}]}}'


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

    def finish_a_game(self) -> Finished:
        random = self._random
        play = left_early if random.random() < TRACED else played
        result = play(random, random.choice(GAMES))
        began = self._clock
        ended = began + result["duration"] + random.randint(1, 5)
        self._clock = ended + random.randint(10, LONGEST_PAUSE_S)
        record = {
            "session_id": new_id(random),
            "started_at": wire_time(began),
            "ended_at": wire_time(ended),
            "utc_offset_minutes": -180,
            **result,
        }
        return Finished(record["session_id"], record["ended_at"], json.dumps(record))


def played(random: Random, game: Game) -> dict[str, Any]:
    """The record of a round without a trace."""
    duration = random.randint(game.round_s // 2, game.round_s)
    level = random.randint(*game.levels)
    most = game.most_points(level, duration)
    return {
        "game_type": game.game_type,
        "game_version": game.version,
        "score": int(most * random.uniform(LEAST_SHARE, MOST_SHARE)),
        "duration": duration,
        "accuracy": random.randint(50, 100) / 100,
        "completed": random.random() < 0.9,
        "metadata": {
            "difficulty": level,
            "seed": random.getrandbits(31),
            "reaction_times_ms": random.choice(_ANSWER_TIMES),
        },
    }


def left_early(random: Random, game: Game) -> dict[str, Any]:
    """The record of a round that was left after a few steps, with its trace, and the result that
    the game's rules give for it.

    It ends before the game can give a point, and so has the same result on every course. Each round
    can have its own course, as a class requires.
    """
    level = random.randint(*game.levels)
    first_tenth = game.rises_at(level)[0][0]
    # The last step that is rounded to a tenth before it.
    latest = first_tenth * STEPS_A_SECOND // 10 - 4
    steps = random.randint(max(latest // 2, 3), max(latest, 3))
    first, second = random.randint(1, steps // 3), random.randint(1, steps // 3)
    return {
        "game_type": game.game_type,
        "game_version": game.version,
        "score": 0,
        "duration": (steps * 10 + 30) // STEPS_A_SECOND / 10,
        "accuracy": 0,
        "completed": False,
        "metadata": {
            "difficulty": level,
            "seed": random.getrandbits(32),
            "trace": [
                *(first, random.choice(game.keys), second, random.choice(game.keys)),
                *(steps + 1 - first - second, STOP),
            ],
        },
    }


def wire_time(moment: float) -> str:
    year, month, day, hour, minute, second, *_ = time.gmtime(moment)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


def new_id(random: Random) -> str:
    """A random UUID of version 4, in half of the time that `uuid` takes."""
    digits = f"{random.getrandbits(128) & ID_MASK | ID_VERSION:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
