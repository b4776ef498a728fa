"""The only way by which an adult's request reaches a class or a child.

What is another's and what does not exist are the same error, found with the same queries.
"""

from __future__ import annotations

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.unit_of_work import Reading
from neuroplay.core.rules.class_words import LARGEST_ID

NOBODY = 0
"""An id that no row has. To look for it raises the same error as what is another's."""


def own_class(uow: Reading, adult: AdultPrincipal, class_id: int) -> SchoolClass:
    """The class, if the adult sees it. Raises NotFound."""
    found = uow.classes.get(_storable(class_id))
    if found is None or not adult.sees(found.class_id):
        raise _not_found()
    return found


def open_own_class(uow: Reading, adult: AdultPrincipal, class_id: int) -> SchoolClass:
    """An own class that children can come to. Raises NotFound, Refused(code="archived_class")."""
    found = own_class(uow, adult, class_id)
    if found.is_archived:
        raise Refused(f"class {found.name} is archived: bring it back first", code="archived_class")
    return found


def own_student(
    uow: Reading, adult: AdultPrincipal, student_id: int
) -> tuple[Student, SchoolClass]:
    """The student and their class, if the adult sees it. Raises NotFound."""
    student = uow.students.get(_storable(student_id))
    school_class = uow.classes.get(student.class_id if student else NOBODY)
    if student is None or school_class is None or not adult.sees(school_class.class_id):
        raise _not_found()
    return student, school_class


def _storable(number: int) -> int:
    """The id; `NOBODY` if the store has no such numbers."""
    return number if 0 < number <= LARGEST_ID else NOBODY


def _not_found() -> NotFound:
    return NotFound("there is nothing with this number among your classes")
