"""Export what is stored about a child, and what a class played, of an adult's classes."""

from __future__ import annotations

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.adult_reach import own_class, own_student
from neuroplay.core.use_cases.export_class import ClassExport, ExportClass
from neuroplay.core.use_cases.manage_students import ExportStudent, StudentExport


class ExportOwnStudent:
    """Exports everything that is stored about a child, for the family, and records it."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, export_student: ExportStudent, clock: Clock
    ) -> None:
        self._uow = uow
        self._export = export_student
        self._clock = clock

    def execute(self, adult: AdultPrincipal, student_id: int) -> StudentExport:
        """Raises NotFound."""
        with self._uow() as uow:
            own_student(uow, adult, student_id)
            uow.audit.add(
                who=adult.who,
                what="student exported",
                target=f"student {student_id}",
                details={},
                now=self._clock(),
            )
            uow.commit()
        return self._export.execute(student_id)


class ExportOwnClass:
    """Exports what a class played, for the end of the year, and records it."""

    def __init__(self, *, uow: UnitOfWorkFactory, export_class: ExportClass, clock: Clock) -> None:
        self._uow = uow
        self._export = export_class
        self._clock = clock

    def execute(self, adult: AdultPrincipal, class_id: int) -> ClassExport:
        """Raises NotFound."""
        with self._uow() as uow:
            own_class(uow, adult, class_id)
            uow.audit.add(
                who=adult.who,
                what="class exported",
                target=f"class {class_id}",
                details={},
                now=self._clock(),
            )
            uow.commit()
        return self._export.execute(f"id:{class_id}")
