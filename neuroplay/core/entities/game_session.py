"""A session, the record of one round. It validates itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, TypedDict
from uuid import UUID

from neuroplay.core.entities.difficulty import FIRST_LEVEL, lanterns_of, next_level
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_versions import ANY_LEVELS, Levels, version_of
from neuroplay.core.errors import InvalidSession

HIGHEST_SCORE = 1_000_000
LONGEST_DURATION_S = 86_400
LONGEST_ID = 64
LONGEST_VERSION = 32
WIDEST_OFFSET_MIN = 14 * 60


class Feedback(TypedDict):
    """The suggested level, `difficulty`, for the next round, and the `step` to it: `harder`,
    `easier`, `same`, or `unfinished` if the round was not completed."""

    step: str
    difficulty: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GameSession:
    """One session. `duration` is in seconds of play, `accuracy` in 0..1; times are aware UTC.

    The constructor raises InvalidSession(code, field, message). Its codes are `wrong_type` (a bool
    is not a number), `not_finite`, `negative`, `out_of_range`, `empty`, `too_long`, `naive_time`,
    `unknown_game` and `ended_before_started`. `session_id` is a UUID, or any text in records from
    other systems.

    Each field has the name of its wire field and of its column. Of the metadata only the two levels
    and the seed are stored. Fields with a default are optional in a record.

    Whether the game's rules have the level and the trace, rules.traces checks: what was stored when
    a version was unknown stays readable.
    """

    session_id: UUID | str
    student_id: int
    game_type: str
    score: int
    duration: float
    accuracy: float
    completed: bool
    metadata: Mapping[str, object] = field(default_factory=dict)
    game_version: str = "1"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    utc_offset_minutes: int = 0

    def __post_init__(self) -> None:
        if type(self.session_id) is not UUID:
            check_text(self.session_id, "session_id", LONGEST_ID)
        if type(self.student_id) is not int or self.student_id < 1:
            _check_integer(self.student_id, "student_id")
            check_number(self.student_id, "student_id", 1, inf)
        _check_game(self.game_type)
        _check_integer(self.score, "score")
        check_number(self.score, "score", 0, HIGHEST_SCORE)
        check_number(self.duration, "duration", 0, LONGEST_DURATION_S)
        check_number(self.accuracy, "accuracy", 0, 1)
        if type(self.completed) is not bool:
            raise InvalidSession("wrong_type", "completed", "completed must be true or false")
        _check_metadata(self.metadata)
        check_text(self.game_version, "game_version", LONGEST_VERSION)
        _check_times(self.started_at, self.ended_at)
        _check_integer(self.utc_offset_minutes, "utc_offset_minutes")
        if abs(self.utc_offset_minutes) > WIDEST_OFFSET_MIN:
            raise InvalidSession(
                "out_of_range", "utc_offset_minutes", "no time zone is more than 14 hours from UTC"
            )

    @property
    def difficulty(self) -> int:
        """The level at which the round began; FIRST_LEVEL if the metadata has none."""
        recorded = self.metadata.get("difficulty")
        return recorded if isinstance(recorded, int) else FIRST_LEVEL

    @property
    def next_difficulty(self) -> int:
        """The level that the game chose for the next round; the round's own if it chose none."""
        chosen = self.metadata.get("next_difficulty")
        return chosen if isinstance(chosen, int) and chosen in self._levels else self.difficulty

    @property
    def lanterns(self) -> int:
        """How hard the round was for its game, 1 to 5."""
        return lanterns_of(self.difficulty, self._levels)

    @property
    def _levels(self) -> Levels:
        known = version_of(self.game_type, self.game_version)
        return GAMES[self.game_type].levels if known is None else known.levels

    def is_valid_score(self) -> bool:
        """Whether the game can give this score in this duration."""
        return self.score <= GAMES[self.game_type].highest_score(self.duration)

    def calculate_difficulty_level(self) -> int:
        """The level that this round suggests for the next one, by its accuracy alone."""
        stimuli = self.metadata.get("stimuli")
        return next_level(
            self.difficulty,
            self._levels,
            accuracy=self.accuracy,
            completed=self.completed,
            answers=len(stimuli) if isinstance(stimuli, list) else None,
        )

    def feedback(self) -> Feedback:
        """The suggestion for the next round. The game has the words for the child."""
        suggested = self.calculate_difficulty_level()
        if not self.completed:
            step = "unfinished"
        elif suggested > self.difficulty:
            step = "harder"
        else:
            step = "easier" if suggested < self.difficulty else "same"
        return {"step": step, "difficulty": suggested}

    def get_performance_rating(self) -> str:
        """`excellent`, `good`, `average` or `needs_improvement`."""
        return performance_rating(self.accuracy, completed=self.completed)


def performance_rating(accuracy: float, *, completed: bool) -> str:
    """The rating for an accuracy. A round that was not completed is at best `average`."""
    if accuracy >= 0.85 and completed:
        return "excellent"
    if accuracy >= 0.70 and completed:
        return "good"
    return "average" if accuracy >= 0.50 else "needs_improvement"


def _check_game(game_type: Any) -> None:
    if type(game_type) is not str:
        raise InvalidSession("wrong_type", "game_type", "game_type must be text")
    if game_type not in GAMES:
        raise InvalidSession("unknown_game", "game_type", "there is no such game")


def _check_integer(value: Any, name: str) -> None:
    if type(value) is not int:
        raise InvalidSession("wrong_type", name, f"{name} must be a whole number")


def check_number(value: Any, name: str, low: int, high: float) -> None:
    kind = type(value)
    if kind is not int and kind is not float:
        raise InvalidSession("wrong_type", name, f"{name} must be a number")
    if low <= value <= high:
        return
    if value != value or value in (inf, -inf):
        raise InvalidSession("not_finite", name, f"{name} must be a finite number")
    if value < 0:
        raise InvalidSession("negative", name, f"{name} cannot be negative")
    raise InvalidSession("out_of_range", name, f"{name} must be between {low} and {high}")


def check_text(value: Any, name: str, longest: int) -> None:
    if type(value) is not str:
        raise InvalidSession("wrong_type", name, f"{name} must be text")
    if not value:
        raise InvalidSession("empty", name, f"{name} is empty")
    if len(value) > longest:
        raise InvalidSession("too_long", name, f"{name} is longer than {longest} characters")


def _check_metadata(metadata: Any) -> None:
    if not isinstance(metadata, Mapping):
        raise InvalidSession("wrong_type", "metadata", "metadata must be an object")
    difficulty = metadata.get("difficulty")
    if difficulty is not None:
        check_level(difficulty, ANY_LEVELS)


def check_level(level: Any, levels: Levels) -> None:
    name = "metadata.difficulty"
    _check_integer(level, name)
    if level not in levels:
        lowest, highest = levels
        raise InvalidSession(
            "out_of_range", name, f"{name} must be between {lowest} and {highest} in this game"
        )


def _check_times(started_at: Any, ended_at: Any) -> None:
    for name, moment in (("started_at", started_at), ("ended_at", ended_at)):
        if moment is None:
            continue
        if not isinstance(moment, datetime):
            raise InvalidSession("wrong_type", name, f"{name} must be a time")
        if moment.tzinfo is None:
            raise InvalidSession("naive_time", name, f"{name} must include its offset from UTC")
    if started_at is not None and ended_at is not None and ended_at < started_at:
        raise InvalidSession("ended_before_started", "ended_at", "ended_at is before started_at")
