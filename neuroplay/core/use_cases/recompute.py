"""Recompute XP, levels and achievements from the stored sessions and what was folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.student import Progress, Student
from neuroplay.core.errors import NotFound
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.opening_balance import opening_progress
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion, play_day

NOTHING_FOLDED = OpeningBalance()

PAGE = 500
"""Student ids in one query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One part of a student's stored progress that does not follow from the sessions."""

    student_id: int
    what: str
    stored: object
    counted: object


class Recompute:
    """Compares the stored progress of students with their sessions, and corrects it.

    Each student is locked meanwhile, so workers may run at the same time.
    """

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def students(self, student_id: int | None = None) -> Iterator[int]:
        """Yield the ids to process, in order: the given one, or all. Raises NotFound."""
        if student_id is not None:
            with self._uow() as uow:
                if uow.students.get(student_id) is None:
                    raise NotFound(f"there is no student {student_id}")
            yield student_id
            return
        after = 0
        while True:
            with self._uow() as uow:
                page = uow.students.ids(after=after, limit=PAGE)
            if not page:
                return
            yield from page
            after = page[-1]

    def execute(self, student_id: int, *, correct: bool, who: str = "operator") -> list[Difference]:
        """The differences of one student; none if the student was erased meanwhile. With `correct`
        they are corrected, and the audit gets an entry."""
        with self._uow() as uow:
            uow.students.lock([student_id])
            student = uow.students.get(student_id)
            if student is None:
                return []
            counted = progress_of(
                student,
                uow.sessions.of_student(student_id),
                uow.sessions.opening_balance(student_id),
            )
            found = differences(student, counted)
            if found and correct:
                uow.students.restate(replace(student, progress=counted))
                uow.audit.add(
                    who=who,
                    what="progress recomputed",
                    target=f"student {student_id}",
                    details={
                        one.what: {"stored": str(one.stored), "counted": str(one.counted)}
                        for one in found
                    },
                    now=self._clock(),
                )
                uow.commit()
        return found


def progress_of(
    student: Student, sessions: Iterable[GameSession], folded: OpeningBalance = NOTHING_FOLDED
) -> Progress:
    """The student's progress after counting these sessions one by one, on top of the `folded`."""
    memory = _Memory(replace(student, progress=opening_progress(folded)), folded)
    process = ProcessGameCompletion(
        student_repo=memory,
        game_repo=memory,
        achievement_repo=memory,
    )
    for session in sessions:
        process.count(session)
    return memory.student.progress


def differences(student: Student, counted: Progress) -> list[Difference]:
    """The differences between the student's stored progress and `counted`.

    The times of badges are not compared: those of badges for several sessions depend on the order
    of arrival.
    """
    stored = student.progress
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(stored, name), getattr(counted, name))
        for name in ("xp", "sessions", "excellent_sessions", "top_difficulty", "played_s")
    ]
    pairs.append(("play_days", len(stored.play_days), len(counted.play_days)))
    pairs.append(("achievements", sorted(stored.achievements), sorted(counted.achievements)))
    for game in sorted({*stored.games, *counted.games}):
        pairs.append((f"game {game}", stored.games.get(game), counted.games.get(game)))
    found = [
        Difference(student_id=student.student_id, what=what, stored=before, counted=after)
        for what, before, after in pairs
        if before != after
    ]
    if not found and stored.play_days != counted.play_days:
        days = (sorted(stored.play_days), sorted(counted.play_days))
        found.append(
            Difference(
                student_id=student.student_id, what="play_days", stored=days[0], counted=days[1]
            )
        )
    return found


class _Memory:
    """In-memory repositories for counting the sessions of one student."""

    def __init__(self, student: Student, folded: OpeningBalance) -> None:
        self.student = student
        self._ends: dict[date, list[datetime]] = {
            day: list(ends) for day, ends in folded.days.items()
        }

    def get(self, _: int) -> Student:
        return self.student

    def save(self, student: Student) -> None:
        self.student = student

    def existing(self, _: object) -> frozenset[UUID]:
        return frozenset()

    def add(self, session: GameSession, **_: object) -> None:
        """Remember when it ended. The session itself is already stored."""
        day = play_day(session)
        if day is not None and session.ended_at is not None:
            self._ends.setdefault(day, []).append(session.ended_at)

    def ends_between(self, _: int, first: date, last: date) -> tuple[datetime, datetime] | None:
        ends = [end for day, ends in self._ends.items() if first <= day <= last for end in ends]
        return (min(ends), max(ends)) if ends else None

    def unlock(self, _: object) -> None:
        """Nothing to do: the student's progress has it."""
