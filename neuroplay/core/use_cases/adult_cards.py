"""Cards of an adult's classes: show them, and replace a child's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.adult_reach import own_class, own_student
from neuroplay.core.use_cases.adult_student import A_LOOK
from neuroplay.core.use_cases.cards import CreatedClass, card_of
from neuroplay.core.use_cases.manage_students import ResetCard


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCards:
    """The cards of a class at a time."""

    at: datetime
    cards: CreatedClass


class ReadCards:
    """Shows the cards of an adult's class, and records it: a card is a credential."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock, secrets: Secrets) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets

    def execute(self, adult: AdultPrincipal, class_id: int) -> ShownCards:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            school_class = own_class(uow, adult, class_id)
            students = uow.students.by_class(class_id)
            if uow.audit.look(
                who=adult.who,
                what="cards shown",
                target=f"class {class_id}",
                now=now,
                within=A_LOOK,
            ):
                uow.commit()
        cards = tuple(card_of(student, self._secrets) for student in students)
        return ShownCards(at=now, cards=CreatedClass(school_class=school_class, students=cards))


class ReplaceCard:
    """Gives a child of an adult's class a new card."""

    def __init__(self, *, uow: UnitOfWorkFactory, reset_card: ResetCard) -> None:
        self._uow = uow
        self._reset_card = reset_card

    def execute(
        self, adult: AdultPrincipal, student_id: int, *, seen_version: int | None = None
    ) -> CreatedClass:
        """The class with this child's new card alone. `seen_version` is that of the card which the
        adult saw. Raises NotFound, Refused(code="card_changed")."""
        with self._uow() as uow:
            student, school_class = own_student(uow, adult, student_id)
        version = student.card_version if seen_version is None else seen_version
        card = self._reset_card.execute(replace(student, card_version=version), who=adult.who)
        return CreatedClass(school_class=school_class, students=(card,))
