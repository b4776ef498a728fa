"""Make a class that is the adult's own."""

from __future__ import annotations

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.cards import CreatedClass
from neuroplay.core.use_cases.create_class import CreateClass
from neuroplay.core.use_cases.reach import hold_actor


class AddClass:
    """Makes a class. A teacher's new class is the teacher's own; the school sees all."""

    def __init__(self, *, uow: UnitOfWorkFactory, create_class: CreateClass) -> None:
        self._uow = uow
        self._create = create_class

    def execute(
        self, adult: AdultPrincipal, name: str, students: int, *, language: str
    ) -> CreatedClass:
        """The class with its cards. Raises Refused as CreateClass, or with `unauthorized`."""
        with self._uow() as uow:
            hold_actor(uow, adult)
            made = self._create.within(uow, name, students, language=language, by=adult)
            if adult.role is AdultRole.TEACHER:
                uow.adults.add_class(adult.adult_id, made.school_class.class_id)
            uow.commit()
        return made
