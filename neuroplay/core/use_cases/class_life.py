"""List classes, rename them, and set how they play and what they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from neuroplay.core.entities.retention import (
    FEWEST_MONTHS,
    LONGEST_DAYS,
    MOST_MONTHS,
    NEVER,
)
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.use_cases.find_people import hold_class

FEWEST_DAY_MINUTES = 5
MOST_DAY_MINUTES = 240


class ListClasses:
    """Lists classes with their number of students, by name."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, *, archived: bool | None = False) -> list[tuple[SchoolClass, int]]:
        """Those that are archived, those that are not, or all (None)."""
        with self._uow() as uow:
            found = uow.classes.all()
        return [pair for pair in found if archived in (None, pair[0].is_archived)]


class RenameClass:
    """Gives a class another name. Its code, and so its cards, stay the same."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, name: str, *, who: str = "operator") -> SchoolClass:
        """Raises NotFound, and Refused with `ambiguous_class` or `bad_class_name`."""
        name = checked_class_name(name)
        with self._uow() as uow:
            known = hold_class(uow, class_ref, acting=True)
            return _stored(
                uow,
                replace(known, name=name),
                what="class renamed",
                details={"from": known.name, "to": name},
                who=who,
                now=self._clock(),
            )


class SetLeaderboard:
    """Gives a class a leaderboard, or does without one."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, enabled: bool, *, who: str = "operator") -> SchoolClass:
        """Raises NotFound, Refused(code="ambiguous_class")."""
        with self._uow() as uow:
            known = hold_class(uow, class_ref)
            return _stored(
                uow,
                replace(known, leaderboard_enabled=enabled),
                what="leaderboard set",
                details={"enabled": enabled},
                who=who,
                now=self._clock(),
            )


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
            known = hold_class(uow, class_ref)
            return _stored(
                uow,
                replace(known, day_minutes=minutes),
                what="day minutes set",
                details={"minutes": minutes},
                who=who,
                now=self._clock(),
            )


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
            known = hold_class(uow, class_ref)
            return _stored(
                uow,
                replace(
                    known,
                    trace_days=changes.get("trace_days", known.trace_days),
                    raw_days=changes.get("raw_days", known.raw_days),
                    keep_months=changes.get("keep_months", known.keep_months),
                ),
                what="retention set",
                details=changes,
                who=who,
                now=self._clock(),
            )


def _stored(
    uow: UnitOfWork,
    changed: SchoolClass,
    *,
    what: str,
    details: Mapping[str, object],
    who: str,
    now: datetime,
) -> SchoolClass:
    """Store a locked class, and commit with an entry in the audit."""
    uow.classes.save(changed)
    uow.audit.add(who=who, what=what, target=f"class {changed.class_id}", details=details, now=now)
    uow.commit()
    return changed


def _check_retention(name: str, value: int | None) -> None:
    least, most = (FEWEST_MONTHS, MOST_MONTHS) if name == "keep_months" else (1, LONGEST_DAYS)
    if value not in (None, NEVER) and not least <= value <= most:
        unit = "months" if name == "keep_months" else "days"
        raise Refused(
            f"a class keeps them for {least} to {most} {unit}, or for ever", code="bad_retention"
        )
