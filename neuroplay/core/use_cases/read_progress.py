"""Read a student's progress, sessions and leaderboard."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, Place
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.use_cases.missing_student import gone

LARGEST_PAGE = 200
BOARD_PLACES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Streak:
    """The current streak: its length in `days`, and whether `today` is part of it.

    `last_day` is the latest play day, even if the streak has ended; None without any.
    """

    days: int
    today: bool
    last_day: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentProgress:
    """A student with progress, the numbers of sessions by state, the current streak, and the
    minutes that the class plays on a day."""

    student: Student
    counts: InboxCounts
    streak: Streak
    day_minutes: int


class ReadProgress:
    """Reads a student's progress."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, principal: StudentPrincipal) -> StudentProgress:
        """Raises Refused(code="student_erased")."""
        with self._uow(in_steps=True) as uow:
            found = uow.students.on_page(principal.student_id)
            if found is None:
                raise gone(uow, principal.student_id)
        student, counts, day_minutes = found
        return StudentProgress(
            student=student,
            counts=counts,
            streak=streak_of(student.progress.play_days, today=self._clock().date()),
            day_minutes=day_minutes,
        )


def streak_of(play_days: PlayDays, *, today: date) -> Streak:
    """The current streak. `today` is the UTC date.

    The server does not know the student's date, so a streak continues until it is over everywhere
    on earth; `last_day` lets a device be exact. Days that have not begun anywhere come from a clock
    that was ahead, and are ignored.
    """
    last_day = play_days.last(until=today + timedelta(days=1))
    run = play_days.run_through(last_day) if last_day else None
    if last_day is None or run is None:
        return Streak(days=0, today=False, last_day=None)
    is_alive = last_day >= today - timedelta(days=2)
    return Streak(
        days=(last_day - run[0]).days + 1 if is_alive else 0,
        today=last_day >= today,
        last_day=last_day,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionPage:
    """`next` is the cursor of the next page; None on the last."""

    sessions: Sequence[ListedSession]
    next: str | None


class ReadSessions:
    """Reads a student's sessions in any state, newest first."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(
        self, principal: StudentPrincipal, cursor: str | None = None, limit: int = 50
    ) -> SessionPage:
        """`limit` is reduced to LARGEST_PAGE. Raises Refused(code="bad_cursor") for an invalid
        `cursor`."""
        limit = max(1, min(limit, LARGEST_PAGE))
        after = None if not cursor else _read_cursor(cursor)
        with self._uow(in_steps=True) as uow:
            rows = uow.sessions.page(principal.student_id, after, limit + 1)
        page = rows[:limit]
        return SessionPage(
            sessions=page, next=_write_cursor(page[-1]) if len(rows) > limit else None
        )


def _write_cursor(last: ListedSession) -> str:
    moment, number = last.place
    text = f"{moment.isoformat()}|{number}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Place:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, name = base64.urlsafe_b64decode(padded).decode().partition("|")
        after = datetime.fromisoformat(moment).astimezone(UTC)
        number = UUID(name) if "-" in name.strip("-") else int(name)
    except (ValueError, OverflowError, binascii.Error):
        raise Refused("this page does not exist", code="bad_cursor") from None
    if isinstance(number, int) and not 0 <= number < 2**63:
        raise Refused("this page does not exist", code="bad_cursor")
    return after, number


A_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaderboard:
    """The best places of a class in the week that begins at `since`.

    `own` is the student's rank, from 1, and place; None before the first ranked round of the week.
    """

    game_type: str
    since: datetime
    top: Sequence[BoardPlace]
    own: tuple[int, BoardPlace] | None


class ReadLeaderboard:
    """Reads the leaderboard of a student's class: each student's best round of this week.

    The week begins on Monday at 00:00 UTC. Rounds after its end were timed by a clock that was
    ahead, and are ignored.
    """

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, principal: StudentPrincipal, game_type: str) -> Leaderboard:
        """Raises NotFound for an unknown game, and Refused with `leaderboard_off` or
        `student_erased`."""
        if game_type not in GAMES:
            raise NotFound("there is no such game", code="unknown_game")
        since = week_start(self._clock())
        with self._uow(in_steps=True) as uow:
            school_class = uow.classes.of_student(principal.student_id)
            if school_class is None:
                raise gone(uow, principal.student_id)
            if not school_class.has_leaderboard:
                raise Refused("the leaderboard of this class is turned off", code="leaderboard_off")
            rows = uow.sessions.leaderboard(school_class.class_id, game_type, since, since + A_WEEK)
        ranked = enumerate(rows, start=1)
        own = next((one for one in ranked if one[1].student_id == principal.student_id), None)
        return Leaderboard(game_type=game_type, since=since, top=rows[:BOARD_PLACES], own=own)


def week_start(now: datetime) -> datetime:
    """Monday 00:00 UTC of the week of `now`."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())
