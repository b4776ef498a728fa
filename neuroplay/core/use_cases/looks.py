"""Note in the audit who looked at a child or at cards, or exported games."""

from __future__ import annotations

from datetime import datetime, timedelta

from neuroplay.core.entities.actor import OPERATOR, Actor, Operator
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory

STUDENT_LOOK, CARDS_LOOK = "student looked at", "cards shown"
LOOKS = (STUDENT_LOOK, CARDS_LOOK)

A_LOOK = timedelta(hours=12)
"""Somebody who looks again within this time is in the audit once: a page asks every few seconds."""


def note_look(uow: UnitOfWork, by: Actor, what: str, target: str, now: datetime) -> None:
    """Note the look, and commit. For the end of a unit of work that has only read."""
    if uow.audit.look(who=by.who, what=what, target=target, now=now, within=A_LOOK):
        uow.commit()


class NoteExport:
    """Notes that records of games, or statements about them, are exported."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self,
        what: str,
        *,
        student_id: int | None = None,
        class_id: int | None = None,
        by: Operator = OPERATOR,
    ) -> None:
        """Of a student, of a class, or of all."""
        if student_id is not None:
            target = f"student {student_id}"
        else:
            target = "all students" if class_id is None else f"class {class_id}"
        with self._uow() as uow:
            uow.audit.add(who=by.who, what=what, target=target, details={}, now=self._clock())
            uow.commit()
