"""Classes in the store."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from neuroplay.core.entities.student import (
    SchoolClass,
)


class ClassReading(Protocol):
    def get(self, class_id: int) -> SchoolClass | None: ...
    def of_student(self, student_id: int) -> SchoolClass | None:
        """The student's class; None if there is no such student."""

    def all(self) -> list[tuple[SchoolClass, int]]:
        """Every class with its number of students, by name."""

    def with_own_retention(self) -> list[SchoolClass]:
        """Those that keep something for another time than the installation."""


class ClassRepository(ClassReading, Protocol):
    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass: ...
    def by_code(self, code: str) -> SchoolClass | None: ...
    def lock(self, class_ids: Collection[int]) -> dict[int, SchoolClass]:
        """Lock the classes, in id order, until the end of the unit of work. Returns those that
        exist, by id, as they are then. Whoever adds, moves or renames a student locks the class,
        and classes are locked before students."""

    def save(self, school_class: SchoolClass) -> None:
        """Store everything about a locked class that can change: all but id, code and time, and
        what follows from its students."""

    def remove(self, class_id: int) -> None:
        """Delete a class that has no students."""
