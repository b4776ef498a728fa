"""What an adult reads about classes: all of them, one with its children, its devices."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.entities.figures import (
    ClassDevice,
    ClassFigures,
    GameFigures,
    StudentFigures,
)
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import Reading, ReadingFactory
from neuroplay.core.use_cases.looks import LOOKS
from neuroplay.core.use_cases.reach import own_class
from neuroplay.core.use_cases.renewed import Renewed, in_the_background

FEW_CLASSES = 10
"""An overview of so few classes is quick, and read each time."""

Known = Callable[[str], bool]
"""Whether whoever asks has what was read under this stamp."""


def not_known(_: str) -> bool:
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """There is nothing that whoever asks does not have. What is read carries a stamp that was read
    before it, so it can be newer than its stamp, and is then read once more; never older."""

    stamp: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassLine:
    """A class of the overview. `students` is their number."""

    school_class: SchoolClass
    students: int
    figures: ClassFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """An adult's classes at a time, by name."""

    at: datetime
    stamp: str
    classes: Sequence[ClassLine]


@dataclass(frozen=True, kw_only=True, slots=True)
class _OfSchool:
    """The school's overview, and the newest change in the audit before it was read."""

    overview: Overview
    change: int | None


class ReadOverview:
    """Reads an adult's classes with their figures.

    The school's overview of many classes is read again in the background, and kept meanwhile: to
    sum up the play of 10,000 children takes long where many of them are sending. It is not kept
    beyond a change by an adult, in whichever process that was made: adults look whether it worked.
    """

    def __init__(
        self,
        *,
        uow: ReadingFactory,
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = in_the_background,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._of_school = {
            archived: Renewed(partial(self._read_school, archived), timer=timer, start=start)
            for archived in (False, True)
        }

    def execute(
        self, adult: AdultPrincipal, *, archived: bool = False, known: Known = not_known
    ) -> Overview | Unchanged:
        """With `archived`, also the classes whose year has ended. `at` is when it was read, for the
        school up to KEPT_S seconds ago."""
        if adult.role is not AdultRole.SCHOOL:
            return self._of_teacher(adult, archived, known)
        change = self._change()
        kept = self._of_school[archived].get(
            is_kept=lambda one: one.change == change and len(one.overview.classes) > FEW_CLASSES
        )
        stamp = kept.overview.stamp
        return Unchanged(stamp=stamp) if known(stamp) else kept.overview

    def _change(self) -> int | None:
        with self._uow() as uow:
            return uow.audit.newest_change(besides=LOOKS)

    def _of_teacher(
        self, adult: AdultPrincipal, archived: bool, known: Known
    ) -> Overview | Unchanged:
        now = self._clock()
        with self._uow() as uow:
            stamp = uow.figures.stamp(adult.class_ids, now=now)
            if known(stamp):
                return Unchanged(stamp=stamp)
            own = [(one, n) for one, n in uow.classes.all() if adult.sees(one.class_id)]
            return Overview(at=now, stamp=stamp, classes=_lines(uow, own, archived, now))

    def _read_school(self, archived: bool) -> _OfSchool:
        change = self._change()
        now = self._clock()
        with self._uow() as uow:
            lines = _lines(uow, uow.classes.all(), archived, now)
        stamp = sha256(repr(lines).encode()).hexdigest()
        return _OfSchool(overview=Overview(at=now, stamp=stamp, classes=lines), change=change)


def _lines(
    uow: Reading, classes: Sequence[tuple[SchoolClass, int]], archived: bool, now: datetime
) -> list[ClassLine]:
    shown = [(one, students) for one, students in classes if archived or not one.is_archived]
    figures = uow.figures.of_classes([one.class_id for one, _ in shown], now=now)
    return [
        ClassLine(school_class=one, students=students, figures=of_it)
        for (one, students), of_it in zip(shown, figures, strict=True)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassView:
    """A class at a time: its students by id, and its games of this week."""

    at: datetime
    stamp: str
    school_class: SchoolClass
    students: Sequence[StudentFigures]
    games: Sequence[GameFigures]


class ReadClass:
    """Reads a class of an adult with its children."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, adult: AdultPrincipal, class_id: int, *, known: Known = not_known
    ) -> ClassView | Unchanged:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            school_class = own_class(uow, adult, class_id)
            stamp = uow.figures.stamp([class_id], now=now)
            if known(stamp):
                return Unchanged(stamp=stamp)
            return ClassView(
                at=now,
                stamp=stamp,
                school_class=school_class,
                students=uow.figures.of_students(class_id, now=now),
                games=uow.figures.games(class_id, now=now),
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassDevices:
    """The devices of a class at a time, each with those of the class who played on it. Those that
    hold games come first, then the most recent contact."""

    at: datetime
    stamp: str
    devices: Sequence[Sequence[ClassDevice]]


class ReadClassDevices:
    """Reads which devices a class plays on, and what they have not sent."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, adult: AdultPrincipal, class_id: int, *, known: Known = not_known
    ) -> ClassDevices | Unchanged:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            own_class(uow, adult, class_id)
            stamp = uow.figures.stamp([class_id], now=now)
            if known(stamp):
                return Unchanged(stamp=stamp)
            rows = uow.figures.devices(class_id)
        of_device: dict[object, list[ClassDevice]] = {}
        for row in rows:
            of_device.setdefault(row.device_id, []).append(row)
        holding_first = sorted(
            of_device.values(), key=lambda some: not any(one.unsent for one in some)
        )
        return ClassDevices(at=now, stamp=stamp, devices=holding_first)
