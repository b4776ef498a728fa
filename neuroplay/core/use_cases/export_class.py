"""Export what the children of a class played, for the end of the year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.interfaces.services import Clock, present
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.process_game_completion import play_day
from neuroplay.core.use_cases.reach import see_class


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedDay:
    """A day in a child's calendar. `games` and `seconds` are None if its sessions are no longer
    kept one by one."""

    day: date
    games: int | None
    seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedStudent:
    """A student with the counted sessions, oldest first, and what the `folded` ones came to."""

    student: Student
    sessions: Sequence[GameSession]
    folded: OpeningBalance

    def days(self) -> Iterator[ExportedDay]:
        """Each play day, in order."""
        played: dict[date, list[GameSession]] = {}
        for session in self.sessions:
            day = play_day(session)
            if day is not None:
                played.setdefault(day, []).append(session)
        for day in sorted({*played, *self.folded.days}):
            # Of a day that is partly folded it is not known how much was played.
            whole = None if day in self.folded.days else played[day]
            yield ExportedDay(
                day=day,
                games=None if whole is None else len(whole),
                seconds=None if whole is None else sum(one.duration for one in whole),
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassExport:
    """A class with all its students, in order of id."""

    exported_at: datetime
    school_class: SchoolClass
    students: Sequence[ExportedStudent]


class ExportClass:
    """Exports the counted sessions of a class, and records that in the audit. Held, rejected and
    unread ones are not part of it; ExportStudent has everything."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, *, by: Actor = OPERATOR) -> ClassExport:
        """`class_ref` is as in find_class. Raises NotFound, Refused(code="ambiguous_class")."""
        with self._uow() as uow:
            school_class = see_class(uow, by, class_ref)
            now = self._clock()
            made = ClassExport(
                exported_at=now,
                school_class=school_class,
                students=[
                    ExportedStudent(
                        student=student,
                        sessions=uow.sessions.of_student(student.student_id),
                        folded=uow.sessions.opening_balance(student.student_id),
                    )
                    for student in uow.students.by_class(school_class.class_id)
                ],
            )
            uow.audit.add(
                who=by.who,
                what="class exported",
                target=f"class {school_class.class_id}",
                details={},
                now=now,
            )
            uow.commit()
        return made
