"""The only way by which an actor reaches a class or a child.

What is another's and what does not exist are the same error, found with the same queries. Use cases
that only read `see`. Those that change something `hold`: they lock the adult's account, then
classes, then students, and check with the rows locked. So nobody moves the child, takes the class
away from the adult or ends the account before they commit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from neuroplay.core.entities.actor import Actor, Operator
from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import NotFound, OutOfReach, Refused
from neuroplay.core.interfaces.unit_of_work import Reading, UnitOfWork
from neuroplay.core.rules import class_words
from neuroplay.core.rules.class_words import LARGEST_ID
from neuroplay.core.use_cases.adult_session import signed_out
from neuroplay.core.use_cases.find_people import find_class, missing_student, no_class

NOBODY = 0
"""An id that no row has. To look for it raises the same error as what is another's."""


def own_class(uow: Reading, adult: AdultPrincipal, class_id: int) -> SchoolClass:
    """The class, if the adult sees it. Raises NotFound."""
    found = uow.classes.get(_storable(class_id))
    if found is None or not adult.sees(found.class_id):
        raise out_of_reach()
    return found


def own_student(
    uow: Reading, adult: AdultPrincipal, student_id: int
) -> tuple[Student, SchoolClass]:
    """The student and their class, if the adult sees it. Raises NotFound."""
    student = uow.students.get(_storable(student_id))
    school_class = uow.classes.get(student.class_id if student else NOBODY)
    if student is None or school_class is None or not adult.sees(school_class.class_id):
        raise out_of_reach()
    return student, school_class


def see_class(uow: Reading, by: Actor, ref: str, *, acting: bool = False) -> SchoolClass:
    """The class that `ref` refers to, as in find_class; for an adult only `id:5`. Raises NotFound,
    Refused(code="ambiguous_class")."""
    if isinstance(by, Operator):
        return find_class(uow, ref, acting=acting)
    return own_class(uow, by, _number(ref))


def see_student(uow: Reading, by: Actor, student_id: int) -> Student:
    """Raises NotFound."""
    if isinstance(by, AdultPrincipal):
        return own_student(uow, by, student_id)[0]
    student = uow.students.get(student_id)
    if student is None:
        raise missing_student(uow, student_id, student_id)
    return student


def hold_actor(uow: UnitOfWork, by: Actor) -> Actor:
    """The actor as of now, who stays so until the end of the unit of work. Comes before all other
    locks. Raises Refused(code="unauthorized") if the account has ended."""
    if isinstance(by, Operator):
        return by
    adult = uow.adults.lock(by.adult_id, shared=True)
    if adult is None or adult.ended_at is not None:
        raise signed_out()
    return adult.principal


def hold_class(uow: UnitOfWork, by: Actor, ref: str, *, acting: bool = False) -> SchoolClass:
    """As `see_class`, locked, for a change. Raises NotFound also if it is erased meanwhile."""
    by = hold_actor(uow, by)
    class_id = class_number(uow, by, ref, acting=acting)
    found = uow.classes.lock([class_id]).get(class_id)
    if found is None:
        raise _missing_class(by, ref)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Locked students and classes, by id."""

    students: dict[int, Student]
    classes: dict[int, SchoolClass]

    def one(self, student_id: int) -> tuple[Student, SchoolClass]:
        student = self.students[student_id]
        return student, self.classes[student.class_id]


def hold_students(
    uow: UnitOfWork, by: Actor, student_ids: Sequence[int], *, also: Collection[int] = ()
) -> Held:
    """The students and their classes, locked, for a change; with `also`, these classes too.

    Raises NotFound, and Refused(code="student_moved") if somebody else moves one of the students at
    the same time.
    """
    by = hold_actor(uow, by)
    if not all(by.sees(one) for one in also):
        raise out_of_reach()
    seen = {one: see_student(uow, by, one) for one in student_ids}
    wanted = {one.class_id for one in seen.values()} | set(also)
    classes = uow.classes.lock(wanted)
    uow.students.lock(student_ids)
    students = {one: _still_seen(uow, by, one) for one in student_ids}
    for one in students.values():
        if one.class_id != seen[one.student_id].class_id:
            raise Refused(
                f"somebody else moved student {one.student_id} just now",
                code="student_moved",
                hint="Give the command again",
            )
    if missing := wanted - classes.keys():
        raise _missing_class(by, f"id:{missing.pop()}")
    return Held(students=students, classes=classes)


def hold_student(uow: UnitOfWork, by: Actor, student_id: int) -> tuple[Student, SchoolClass]:
    """A student and the class, locked, for a change. Raises as `hold_students`."""
    return hold_students(uow, by, [student_id]).one(student_id)


def hold_owners(uow: UnitOfWork, by: Actor, inbox_ids: Collection[int]) -> None:
    """Lock the students of these inbox items, so that they can be decided about. Raises NotFound if
    an adult does not see all of them."""
    by = hold_actor(uow, by)
    owners = uow.inbox.owners(list(inbox_ids))
    if isinstance(by, AdultPrincipal):
        for one in inbox_ids:  # before anything is locked
            own_student(uow, by, owners.get(one, NOBODY))
    uow.students.lock(sorted(set(owners.values())))
    if isinstance(by, AdultPrincipal):
        for student_id in set(owners.values()):
            _still_seen(uow, by, student_id)


def class_number(uow: Reading, by: Actor, ref: str, *, acting: bool = False) -> int:
    """The id of the class that `ref` refers to. For an adult it is not looked for, so the class may
    not exist. Raises as `see_class`."""
    if isinstance(by, Operator):
        return find_class(uow, ref, acting=acting).class_id
    number = _number(ref)
    if number == NOBODY or not by.sees(number):
        raise out_of_reach()
    return number


def out_of_reach() -> OutOfReach:
    return OutOfReach("there is nothing with this number among your classes")


def _still_seen(uow: UnitOfWork, by: Actor, student_id: int) -> Student:
    """A locked student, if the actor sees the class that it is in now."""
    student = uow.students.get(student_id)
    if student is not None and by.sees(student.class_id):
        return student
    if isinstance(by, Operator):
        raise missing_student(uow, student_id, student_id)
    raise out_of_reach()


def _missing_class(by: Actor, ref: str) -> NotFound:
    return no_class(ref.strip()) if isinstance(by, Operator) else out_of_reach()


def _number(ref: str) -> int:
    """The number of an adult's reference; `NOBODY` if the store has no such numbers."""
    kind, value = class_words.split(ref)
    number = class_words.as_id(value) if kind == class_words.ID else None
    return NOBODY if number is None else number


def _storable(number: int) -> int:
    """The id; `NOBODY` if the store has no such numbers."""
    return number if 0 < number <= LARGEST_ID else NOBODY
