"""Students in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from neuroplay.core.entities.student import (
    MergedStudent,
    NamedStudent,
    Student,
)
from neuroplay.core.entities.sync_item import (
    InboxCounts,
)


class StudentReading(Protocol):
    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def on_page(self, student_id: int) -> tuple[Student, InboxCounts, int] | None:
        """The student as stored, the student's items by state, and the minutes that the class plays
        on a day. `processed` is the counter in the student's progress; the other states are counted
        in the inbox."""

    def by_class(self, class_id: int) -> list[Student]: ...
    def names(self, student_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """The nickname and class name of each student, by id."""

    def nicknames(self) -> list[NamedStudent]:
        """All students, in order of id."""

    def called(self, nickname: str) -> list[int]:
        """Ids of all students with exactly this nickname, in order.

        For a number, also those whose nickname is the same number with other leading zeros or in
        other digits.
        """

    def merged_into(self, student_id: int) -> int | None:
        """The student into whom this one was merged; None also for one who was erased."""

    def merged(self, student_id: int) -> Sequence[MergedStudent]:
        """Those who were merged into this student, in order of id."""


class CountedStudents(Protocol):
    """The part of the students' repository that counting a session needs."""

    def get(self, student_id: int) -> Student | None:
        """The student with progress; from memory where `lock` loaded it."""

    def save(self, student: Student) -> None:
        """Store the student's progress, in bulk, by the commit at the latest."""


class StudentRepository(StudentReading, CountedStudents, Protocol):
    def lock(self, student_ids: Sequence[int]) -> None:
        """Lock the rows, in id order, until the end of the unit of work, and load them with
        progress, games and achievements. The number of statements is fixed. Unknown ids are
        ignored."""

    def add(
        self,
        class_id: int,
        nickname: str,
        avatar: str,
        *,
        first_sign_in_at: datetime | None = None,
    ) -> Student:
        """Add a student. `first_sign_in_at` is for students with generated sessions in the past."""

    def move(self, student_id: int, class_id: int) -> None:
        """Put the student into another class."""

    def rename(self, student_id: int, nickname: str, avatar: str) -> None: ...
    def mark_made_up(self, student_ids: Sequence[int]) -> None:
        """See Student.has_made_up_play."""

    def raise_card_version(self, student_id: int, seen: int) -> Student | None:
        """Increment the version of the card, and revoke all tokens of the student. None, without
        any change, if the version is no longer `seen` or the student does not exist."""

    def ids(self, *, after: int, limit: int) -> list[int]:
        """Up to `limit` ids of students above `after`, in order."""

    def restate(self, student: Student) -> None:
        """Replace the stored progress of the student. Achievements that are in both keep their
        stored time and session."""

    def absorb(self, merged_id: int, into_id: int, *, now: datetime) -> Mapping[str, int]:
        """Give everything of one student to another and remove the first, both of them locked.

        Sessions, items, opening balances, devices and the audit move; of a badge the earlier time
        is kept; tokens stay valid. The progress of `into_id` must then be restated, since it is
        still that of its own sessions. Returns the number of moved rows by table.
        """

    def erase(self, student_id: int) -> Mapping[str, int]:
        """Delete the student everywhere: inbox, sessions, achievements, devices, texts in the
        audit. A tombstone of each token remains. Returns the number of deleted rows by table."""

    def erase_all(self, student_ids: Sequence[int]) -> Mapping[str, int]:
        """`erase` for several students. The number of statements is fixed."""
