"""Fake of the repository of rosters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from neuroplay.core.entities.roster import (
    ImportedChange,
    Member,
    NewMember,
    RosterImport,
    RosterKeys,
    StudentChange,
)
from neuroplay.core.entities.student import Student
from tests.fakes.people import FakeStudents
from tests.fakes.tables import Tables


class FakeRosters:
    def __init__(self, tables: Tables, students: FakeStudents) -> None:
        self._tables = tables
        self._students = students

    def hold(self) -> None:
        """Nothing to do: units of work of the fake store do not meet."""

    def members(self, class_ids: Collection[int]) -> list[Member]:
        return [one for one in self._all() if one.class_id in class_ids]

    def known(self, identities: Collection[bytes]) -> list[Member]:
        return [one for one in self._all() if one.keys.identity in identities]

    def has_played(self, student_ids: Collection[int]) -> frozenset[int]:
        tables = self._tables
        seen = {row.student_id for row in tables.inbox.values()}
        seen |= {student_id for _, student_id in tables.devices} | set(tables.balances)
        return frozenset(
            i
            for i in student_ids
            if i in seen
            or ((one := tables.students.get(i)) and (one.first_sign_in_at or one.progress.sessions))
        )

    def add(self, members: Sequence[NewMember]) -> list[Student]:
        added = []
        for one in members:
            student = self._students.add(one.class_id, one.nickname, one.avatar)
            self._tables.roster_keys[student.student_id] = one.keys
            added.append(student)
        return added

    def change(self, changes: Sequence[StudentChange]) -> int:
        known = {one.student_id: one for one in self._all()}
        changed = 0
        for one in changes:
            assert one.before is not None
            now = known.get(one.after.student_id)
            place = one.before.class_id, one.before.nickname
            if now is None or (now.class_id, now.nickname) != place:
                continue
            self._students.move(now.student_id, one.after.class_id)
            avatar = self._tables.students[now.student_id].avatar
            self._students.rename(now.student_id, one.after.nickname, avatar)
            self._tables.roster_keys[now.student_id] = one.after.keys
            changed += 1
        return changed

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
        made = RosterImport(
            import_id=self._tables.next_id("imports"),
            at=at,
            who=who,
            class_ids=list(class_ids),
            created=list(created),
            counts=dict(counts),
        )
        ordered = sorted(changes, key=lambda one: one.after.student_id)
        self._tables.imports[made.import_id] = made, tuple(ordered)
        return made

    def undone(self, import_id: int, *, at: datetime) -> None:
        made, _ = self._tables.imports[import_id]
        self._tables.imports[import_id] = replace(made, undone_at=at), ()

    def imports(self, class_id: int | None = None) -> list[RosterImport]:
        return [
            made
            for _, (made, _) in sorted(self._tables.imports.items(), reverse=True)
            if class_id is None or class_id in made.class_ids
        ]

    def get(self, import_id: int) -> RosterImport | None:
        return self._tables.imports.get(import_id, (None, ()))[0]

    def changes(self, import_id: int) -> list[StudentChange]:
        return list(self._tables.imports.get(import_id, (None, ()))[1])

    def of_student(self, student_id: int) -> list[ImportedChange]:
        return [
            ImportedChange(
                import_id=made.import_id,
                at=made.at,
                nickname=one.after.nickname,
                class_id=one.after.class_id,
                was=one.before.nickname if one.before else None,
                was_class_id=one.before.class_id if one.before else None,
            )
            for _, (made, changes) in sorted(self._tables.imports.items())
            for one in changes
            if one.after.student_id == student_id
        ]

    def _all(self) -> list[Member]:
        return [
            Member(
                student_id=own,
                class_id=one.class_id,
                nickname=one.nickname,
                keys=self._tables.roster_keys.get(own, RosterKeys()),
            )
            for own, one in sorted(self._tables.students.items())
        ]
