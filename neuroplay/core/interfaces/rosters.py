"""The repository of rosters: students as a roster sees them, and imports that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from neuroplay.core.entities.roster import (
    ImportedChange,
    Member,
    NewMember,
    RosterImport,
    StudentChange,
)
from neuroplay.core.entities.student import Student


class RosterLookup(Protocol):
    def members(self, class_ids: Collection[int]) -> list[Member]:
        """The students of these classes, in order of id."""

    def known(self, identities: Collection[bytes]) -> list[Member]:
        """The students of any class that have one of these identities."""

    def imports(self, class_id: int | None = None) -> list[RosterImport]:
        """The imports that concern a class, or all, newest first."""

    def get(self, import_id: int) -> RosterImport | None: ...
    def changes(self, import_id: int) -> list[StudentChange]:
        """What an import did, in order of students. Those who were erased since are left out."""

    def of_student(self, student_id: int) -> list[ImportedChange]:
        """What imports did to a student, oldest first."""

    def has_played(self, student_ids: Collection[int]) -> frozenset[int]:
        """Those who ever signed in or sent a round."""


class RosterRepository(RosterLookup, Protocol):
    def hold(self) -> None:
        """Let no other unit of work import a roster until the end of this one."""

    def add(self, members: Sequence[NewMember]) -> list[Student]:
        """Add students, in order. The number of statements is fixed."""

    def change(self, changes: Sequence[StudentChange]) -> int:
        """Give students the class, nickname and hashes of `after`, if they have those of `before`.
        Returns how many had them. The number of statements is fixed."""

    def record(
        self,
        changes: Sequence[StudentChange],
        *,
        at: datetime,
        who: str,
        class_ids: Sequence[int],
        created: Sequence[int],
        counts: Mapping[str, int],
    ) -> RosterImport:
        """Keep what an import did."""

    def undone(self, import_id: int, *, at: datetime) -> None:
        """Note that an import was undone, and forget what it did."""
