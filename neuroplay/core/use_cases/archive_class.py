"""Archive a class at the end of its year, or bring it back."""

from __future__ import annotations

from dataclasses import replace

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.reach import hold_class


class ArchiveClass:
    """Archives a class: see SchoolClass.archived_at. Nothing is removed, and all of it can be
    taken back."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, archived: bool, *, by: Actor = OPERATOR) -> SchoolClass:
        """Has no effect on a class that is already so. Raises NotFound,
        Refused(code="ambiguous_class")."""
        now = self._clock()
        with self._uow() as uow:
            known = hold_class(uow, by, class_ref, acting=True)
            if known.is_archived == archived:
                return known
            changed = replace(known, archived_at=now if archived else None)
            uow.classes.save(changed)
            uow.audit.add(
                who=by.who,
                what="class archived" if archived else "class brought back",
                target=f"class {known.class_id}",
                details={},
                now=now,
            )
            uow.commit()
        return changed
