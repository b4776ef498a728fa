"""Say which of the games that a tablet still has are not stored here."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.use_cases.sync_budget import SyncBudget

OFFER_BYTES = 100
"""What an offered session is charged: its id and its hash, as sent. Looking it up stores nothing,
so it is not charged as a session."""


class AnswerOffer:
    """Compares a student's acknowledged sessions with the store, after a restore of which tablets
    hear by its new epoch."""

    def __init__(self, *, uow: ReadingFactory, budget: SyncBudget | None = None) -> None:
        self._uow = uow
        self._budget = budget

    def execute(self, principal: StudentPrincipal, offered: Mapping[UUID, bytes]) -> list[UUID]:
        """The ids of `offered` (payload hashes by session id) that sync would not answer as
        duplicates, in order.

        Raises Refused with `over_budget` or `student_erased`, and StoreUnavailable.
        """
        if not offered:
            return []
        student_id = principal.student_id
        if self._budget is not None:
            self._budget.check(student_id)
            self._budget.spend(student_id, sessions=0, size=OFFER_BYTES * len(offered))
        with self._uow(in_steps=True) as uow:
            return list(uow.inbox.lacking(student_id, offered))
