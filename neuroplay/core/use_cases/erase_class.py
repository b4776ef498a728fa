"""Erase a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from neuroplay.core.entities.actor import OPERATOR, Operator
from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.interfaces.services import Clock, RecordErasures
from neuroplay.core.interfaces.unit_of_work import Reading, UnitOfWorkFactory
from neuroplay.core.use_cases.find_people import find_class

_ERASED_AT_ONCE = 20


class EraseClass:
    """Erases a class with all its students, as EraseStudent does for one."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, record_erasures: RecordErasures
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._record_erasures = record_erasures

    def execute(
        self,
        class_ref: str,
        *,
        by: Operator = OPERATOR,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Mapping[str, int]:
        """Returns the number of deleted rows by table.

        Erases a few students in each transaction, so that others do not wait for long, and then
        calls `progress` with the number of students erased so far. If it is interrupted, it can be
        repeated. Raises NotFound, Refused(code="ambiguous_class"), SettingsError.
        """
        now = self._clock()
        with self._uow() as uow:
            school_class = find_class(uow, class_ref, acting=True)
        removed: Counter[str] = Counter()
        erased = 0
        while some := self._erase_some(school_class, now, removed):
            erased += some
            progress(erased)
        with self._uow() as uow:
            uow.classes.remove(school_class.class_id)
            uow.audit.add(
                who=by.who,
                what="class erased",
                target=f"class {school_class.class_id}",
                details={"students": erased, "rows": removed.total()},
                now=now,
            )
            ended = Erasure(
                kind="class",
                number=school_class.class_id,
                created_at=school_class.created_at,
                erased_at=now,
            )
            self._record_erasures([ended])
            uow.commit()
        return removed

    def _erase_some(self, school_class: SchoolClass, now: datetime, removed: Counter[str]) -> int:
        """Erase some students of the class; returns how many, 0 if none was left."""
        with self._uow() as uow:
            # Nobody is moved into the class, or out of it, meanwhile.
            uow.classes.lock([school_class.class_id])
            some = uow.students.by_class(school_class.class_id)[:_ERASED_AT_ONCE]
            uow.students.lock([student.student_id for student in some])
            ended = [one for student in some for one in erasures_of(uow, student, now)]
            removed.update(uow.students.erase_all([student.student_id for student in some]))
            # Before the commit, as EraseStudent does.
            self._record_erasures(ended)
            uow.commit()
        return len(some)


def erasures_of(uow: Reading, student: Student, now: datetime) -> list[Erasure]:
    """What to remember when the student is erased: also those who were merged into this one, who
    are in older backups."""
    merged = uow.students.merged(student.student_id)
    return [
        Erasure(kind="student", number=number, created_at=created_at, erased_at=now)
        for number, created_at in (
            (student.student_id, student.created_at),
            *((one.student_id, one.created_at) for one in merged),
        )
    ]
