"""Erase a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.student import Student
from neuroplay.core.interfaces.services import Clock, RecordErasures
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
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
        who: str = "operator",
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
            students = uow.students.by_class(school_class.class_id)
        removed: Counter[str] = Counter()
        for start in range(0, len(students), _ERASED_AT_ONCE):
            some = students[start : start + _ERASED_AT_ONCE]
            with self._uow() as uow:
                uow.students.lock([student.student_id for student in some])
                for student in some:
                    removed.update(uow.students.erase(student.student_id))
                # Before the commit, as EraseStudent does.
                self._record_erasures([erasure_of(student, now) for student in some])
                uow.commit()
            progress(start + len(some))
        with self._uow() as uow:
            uow.classes.remove(school_class.class_id)
            uow.audit.add(
                who=who,
                what="class erased",
                target=f"class {school_class.class_id}",
                details={"students": len(students), "rows": removed.total()},
                now=now,
            )
            erased = Erasure(
                kind="class",
                number=school_class.class_id,
                created_at=school_class.created_at,
                erased_at=now,
            )
            self._record_erasures([erased])
            uow.commit()
        return removed


def erasure_of(student: Student, now: datetime) -> Erasure:
    return Erasure(
        kind="student",
        number=student.student_id,
        created_at=student.created_at,
        erased_at=now,
    )
