"""List classes, and change their names and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from neuroplay.core.entities.actor import OPERATOR, Actor
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
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.use_cases.reach import hold_class

FEWEST_DAY_MINUTES = 5
MOST_DAY_MINUTES = 240


OF_RETENTION = ("trace_days", "raw_days", "keep_months")


class ListClasses:
    """Lists classes with their number of students, by name."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, *, archived: bool | None = False) -> list[tuple[SchoolClass, int]]:
        """Those that are archived, those that are not, or all (None)."""
        with self._uow() as uow:
            found = uow.classes.all()
        return [pair for pair in found if archived in (None, pair[0].is_archived)]


class ChangeClass:
    """Gives a class another name, and sets how it plays and what it keeps. Its code, and so its
    cards, stay the same."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, class_ref: str, changes: Mapping[str, Any], *, by: Actor = OPERATOR
    ) -> SchoolClass:
        """All changes are made, or none. `changes` are fields of SchoolClass: name,
        leaderboard_enabled, day_minutes, and those of its retention, where None is: as the
        installation.

        Raises NotFound, and Refused with `ambiguous_class`, `bad_class_name`, `bad_day_minutes` or
        `bad_retention`.
        """
        changes = _checked(changes)
        with self._uow() as uow:
            # A name decides what the class is called from now on, so which class must be certain.
            known = hold_class(uow, by, class_ref, acting="name" in changes)
            changed = replace(known, **changes)
            if not changes:
                return known
            uow.classes.save(changed)
            for what, details in _noted(known, changes):
                uow.audit.add(
                    who=by.who,
                    what=what,
                    target=f"class {known.class_id}",
                    details=details,
                    now=self._clock(),
                )
            uow.commit()
        return changed


def _checked(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    checked = dict(changes)
    if "name" in checked:
        checked["name"] = checked_class_name(checked["name"])
    if "day_minutes" in checked:
        _check_day_minutes(checked["day_minutes"])
    for name in OF_RETENTION:
        if name in checked:
            _check_retention(name, checked[name])
    return checked


def _noted(
    known: SchoolClass, changes: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What the audit says of the changes, and with which details."""
    if "name" in changes:
        yield "class renamed", {"from": known.name, "to": changes["name"]}
    if "leaderboard_enabled" in changes:
        yield "leaderboard set", {"enabled": changes["leaderboard_enabled"]}
    if "day_minutes" in changes:
        yield "day minutes set", {"minutes": changes["day_minutes"]}
    if kept := {name: changes[name] for name in OF_RETENTION if name in changes}:
        yield "retention set", kept


def _check_day_minutes(minutes: int) -> None:
    if not FEWEST_DAY_MINUTES <= minutes <= MOST_DAY_MINUTES:
        raise Refused(
            f"a class plays {FEWEST_DAY_MINUTES} to {MOST_DAY_MINUTES} minutes on a day",
            code="bad_day_minutes",
        )


def _check_retention(name: str, value: int | None) -> None:
    least, most = (FEWEST_MONTHS, MOST_MONTHS) if name == "keep_months" else (1, LONGEST_DAYS)
    if value not in (None, NEVER) and not least <= value <= most:
        unit = "months" if name == "keep_months" else "days"
        raise Refused(
            f"a class keeps them for {least} to {most} {unit}, or for ever", code="bad_retention"
        )
