"""List classes, rename them, and set how they play and what they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from neuroplay.core.entities.retention import (
    FEWEST_MONTHS,
    LONGEST_DAYS,
    MOST_MONTHS,
    NEVER,
)
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWorkFactory
from neuroplay.core.use_cases.find_people import find_class

FEWEST_DAY_MINUTES = 5
MOST_DAY_MINUTES = 240


class ListClasses:
    """Lists every class with its number of students, by name."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self) -> list[tuple[SchoolClass, int]]:
        with self._uow() as uow:
            return uow.classes.all()


class SetDayMinutes:
    """Sets after how many minutes of play on a day tablets suggest to stop."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, minutes: int, *, who: str = "operator") -> SchoolClass:
        """Raises NotFound, and Refused with `ambiguous_class` or `bad_day_minutes`."""
        if not FEWEST_DAY_MINUTES <= minutes <= MOST_DAY_MINUTES:
            raise Refused(
                f"a class plays {FEWEST_DAY_MINUTES} to {MOST_DAY_MINUTES} minutes on a day",
                code="bad_day_minutes",
            )
        with self._uow() as uow:
            school_class = find_class(uow, class_ref)
            uow.classes.set_day_minutes(school_class.class_id, minutes)
            uow.audit.add(
                who=who,
                what="day minutes set",
                target=f"class {school_class.class_id}",
                details={"minutes": minutes},
                now=self._clock(),
            )
            uow.commit()
        return replace(school_class, day_minutes=minutes)


class SetRetention:
    """Sets how long a class keeps what its children played."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, class_ref: str, changes: Mapping[str, int | None], *, who: str = "operator"
    ) -> SchoolClass:
        """`changes` are fields of RetentionPolicy; None: as the installation.

        Raises NotFound, and Refused with `ambiguous_class` or `bad_retention`.
        """
        for name, value in changes.items():
            _check_retention(name, value)
        with self._uow() as uow:
            known = find_class(uow, class_ref)
            school_class = replace(
                known,
                trace_days=changes.get("trace_days", known.trace_days),
                raw_days=changes.get("raw_days", known.raw_days),
                keep_months=changes.get("keep_months", known.keep_months),
            )
            uow.classes.set_retention(school_class)
            uow.audit.add(
                who=who,
                what="retention set",
                target=f"class {school_class.class_id}",
                details=changes,
                now=self._clock(),
            )
            uow.commit()
        return school_class


def _check_retention(name: str, value: int | None) -> None:
    least, most = (FEWEST_MONTHS, MOST_MONTHS) if name == "keep_months" else (1, LONGEST_DAYS)
    if value not in (None, NEVER) and not least <= value <= most:
        unit = "months" if name == "keep_months" else "days"
        raise Refused(
            f"a class keeps them for {least} to {most} {unit}, or for ever", code="bad_retention"
        )
