"""What an adult reads about classes: all of them, one with its children, its devices."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from neuroplay.core.entities.adult import AdultPrincipal, AdultRole
from neuroplay.core.entities.figures import (
    ClassDevice,
    ClassFigures,
    GameFigures,
    StudentFigures,
)
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.use_cases.reach import own_class
from neuroplay.core.use_cases.renewed import Renewed, in_the_background

FEW_CLASSES = 10
"""An overview of so few classes is quick, and read each time."""


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
    classes: Sequence[ClassLine]


Stand = tuple[Sequence[tuple[SchoolClass, int]], int]
"""What adults change in a school: its classes with the number of their students, and how many games
are held."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _OfSchool:
    """The school's overview, and the stand before it was read."""

    overview: Overview
    stand: Stand


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

    def execute(self, adult: AdultPrincipal, *, archived: bool = False) -> Overview:
        """With `archived`, also the classes whose year has ended. `at` is when it was read, for the
        school up to KEPT_S seconds ago."""
        if adult.role is not AdultRole.SCHOOL:
            return self._read(adult, archived)
        stand = self._stand()
        kept = self._of_school[archived].get(
            is_kept=lambda one: one.stand == stand and len(one.overview.classes) > FEW_CLASSES
        )
        return kept.overview

    def _stand(self) -> Stand:
        with self._uow() as uow:
            return uow.classes.all(), uow.inbox.counts(now=self._clock()).held

    def _read_school(self, archived: bool) -> _OfSchool:
        stand = self._stand()
        return _OfSchool(overview=self._read(None, archived), stand=stand)

    def _read(self, adult: AdultPrincipal | None, archived: bool) -> Overview:
        """Of the classes that the adult sees; None sees all."""
        now = self._clock()
        with self._uow() as uow:
            own = [
                (one, students)
                for one, students in uow.classes.all()
                if (adult is None or adult.sees(one.class_id)) and (archived or not one.is_archived)
            ]
            figures = uow.figures.of_classes([one.class_id for one, _ in own], now=now)
        return Overview(
            at=now,
            classes=[
                ClassLine(school_class=one, students=students, figures=of_it)
                for (one, students), of_it in zip(own, figures, strict=True)
            ],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassView:
    """A class at a time: its students with their figures, by id, and its games of this week."""

    at: datetime
    school_class: SchoolClass
    students: Sequence[tuple[Student, StudentFigures]]
    games: Sequence[GameFigures]


class ReadClass:
    """Reads a class of an adult with its children."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, adult: AdultPrincipal, class_id: int) -> ClassView:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            school_class = own_class(uow, adult, class_id)
            figures = {one.student_id: one for one in uow.figures.of_students(class_id, now=now)}
            return ClassView(
                at=now,
                school_class=school_class,
                # A child who came or went between two statements is in one of them alone.
                students=[
                    (one, figures[one.student_id])
                    for one in uow.students.by_class(class_id)
                    if one.student_id in figures
                ],
                games=uow.figures.games(class_id, now=now),
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassDevices:
    """The devices of a class at a time, each with those of the class who played on it. Those that
    hold games come first, then the most recent contact."""

    at: datetime
    devices: Sequence[Sequence[ClassDevice]]


class ReadClassDevices:
    """Reads which devices a class plays on, and what they have not sent."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, adult: AdultPrincipal, class_id: int) -> ClassDevices:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            own_class(uow, adult, class_id)
            rows = uow.figures.devices(class_id)
        of_device: dict[object, list[ClassDevice]] = {}
        for row in rows:
            of_device.setdefault(row.device_id, []).append(row)
        holding_first = sorted(
            of_device.values(), key=lambda some: not any(one.unsent for one in some)
        )
        return ClassDevices(at=now, devices=holding_first)
