"""Students with their cards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import NotFound
from neuroplay.core.interfaces.services import Clock, Secrets, present
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.looks import CARDS_LOOK, note_look
from neuroplay.core.use_cases.reach import see_class


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentCard:
    """A student and the code on the card (10 Crockford base32 characters, no separators)."""

    student: Student
    card_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedClass:
    """A class with every student's card, in order of student id."""

    school_class: SchoolClass
    students: tuple[StudentCard, ...]


class ClassCards:
    """Shows a class's current cards, which can be printed again at any time, and records that in
    the audit: a card is a credential."""

    def __init__(self, *, uow: UnitOfWorkFactory, secrets: Secrets, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets

    def execute(
        self,
        class_ref: str,
        *,
        students: Collection[int] | None = None,
        by: Actor = OPERATOR,
    ) -> CreatedClass:
        """`class_ref` is as in find_class; only the cards of `students`, if given. Raises NotFound,
        also for one who is not in the class, and Refused(code="ambiguous_class")."""
        with self._uow() as uow:
            school_class = see_class(uow, by, class_ref)
            members = uow.students.by_class(school_class.class_id)
            note_look(uow, by, CARDS_LOOK, f"class {school_class.class_id}", self._clock())
        shown = [one for one in members if students is None or one.student_id in students]
        missing = set(students or ()) - {one.student_id for one in shown}
        if missing:
            raise NotFound(
                f"student {min(missing)} is not in class {school_class.name}",
                hint="See: neuroplay student list",
            )
        return CreatedClass(
            school_class=school_class,
            students=tuple(card_of(student, self._secrets) for student in shown),
        )


def card_of(student: Student, secrets: Secrets) -> StudentCard:
    """The student's current card."""
    code = secrets.card_code(StudentPrincipal, student.student_id, student.card_version)
    return StudentCard(student=student, card_code=code)


def card_link(public_url: str, class_code: str, card_code: str) -> str:
    """The content of a card's QR code. Browsers do not send the part after # to a server."""
    return f"{public_url.rstrip('/')}/#card={class_code}-{card_code}"
