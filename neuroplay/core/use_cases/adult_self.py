"""What adults see of their own accounts."""

from __future__ import annotations

from collections.abc import Sequence

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.interfaces.unit_of_work import ReadingFactory


class ListOwnClasses:
    """Lists the classes that an adult sees, each with its number of children, by name."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, adult: AdultPrincipal) -> Sequence[tuple[SchoolClass, int]]:
        with self._uow(in_steps=True) as uow:
            return [(one, size) for one, size in uow.classes.all() if adult.sees(one.class_id)]
