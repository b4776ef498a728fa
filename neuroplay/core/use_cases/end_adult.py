"""End and erase the accounts of adults who left."""

from __future__ import annotations

from datetime import datetime

from neuroplay.core.entities.adult import Adult
from neuroplay.core.entities.erasure import Erased, Erasure
from neuroplay.core.interfaces.services import Clock, RecordErasures
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.use_cases.adults import find_adult


class EndAdult:
    """Ends an account with its sign-ins, passkeys and links, at once and for good. Name and number
    stay, so that the audit says who it was."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, record_erasures: RecordErasures
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._record_erasures = record_erasures

    def execute(self, ref: str, *, who: str) -> Adult:
        """The adult as before. Raises as `find_adult`."""
        with self._uow() as uow:
            adult = find_adult(uow, ref)
            uow.adults.end(adult.adult_id)
            now = _record(uow, adult, "adult ended", who, self._clock)
            self._record_erasures([_erasure("leaver", adult, now)])
            uow.commit()
        return adult


class EraseAdult:
    """Deletes all that is stored about an adult. The audit keeps the number."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, record_erasures: RecordErasures
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._record_erasures = record_erasures

    def execute(self, ref: str, *, who: str) -> Adult:
        """The adult as before. Raises as `find_adult`."""
        with self._uow() as uow:
            adult = find_adult(uow, ref)
            uow.adults.erase(adult.adult_id)
            now = _record(uow, adult, "adult erased", who, self._clock)
            self._record_erasures([_erasure("adult", adult, now)])
            uow.commit()
        return adult


def _record(uow: UnitOfWork, adult: Adult, what: str, who: str, clock: Clock) -> datetime:
    now = clock()
    uow.audit.add(who=who, what=what, target=f"adult {adult.adult_id}", details={}, now=now)
    return now


def _erasure(kind: Erased, adult: Adult, now: datetime) -> Erasure:
    """Recorded outside of the store, before the commit: a backup from before, once restored, would
    let the adult in again."""
    return Erasure(kind=kind, number=adult.adult_id, created_at=adult.created_at, erased_at=now)
