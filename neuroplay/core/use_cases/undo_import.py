"""Undo the import of a roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.roster import Member, RosterImport, StudentChange
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Clock, RecordErasures
from neuroplay.core.interfaces.unit_of_work import (
    Reading,
    ReadingFactory,
    UnitOfWork,
    UnitOfWorkFactory,
)
from neuroplay.core.rules.nickname_text import nickname_key
from neuroplay.core.rules.retention import UNDO_DAYS
from neuroplay.core.use_cases.erase_class import erasures_of
from neuroplay.core.use_cases.find_people import find_class


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftStudent:
    """A student whom undoing leaves as he is, and why."""

    student_id: int
    nickname: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoneImport:
    """What undoing did: students `removed` and put `back`, classes removed, and who is left."""

    import_id: int
    removed: int
    back: int
    classes: Sequence[str]
    left: Sequence[LeftStudent]


class ListImports:
    """Lists the imports that may be undone, newest first."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, class_ref: str | None = None) -> list[RosterImport]:
        """`class_ref` is as in find_class; None: of all classes. Raises NotFound, Refused."""
        with self._uow() as uow:
            one = None if class_ref is None else find_class(uow, class_ref)
            return uow.rosters.imports(one.class_id if one else None)

    def one(self, import_id: int) -> RosterImport:
        """Raises NotFound."""
        with self._uow() as uow:
            return _found(uow, import_id)


class UndoImport:
    """Undoes an import within UNDO_DAYS, as far as nothing has happened since.

    Students whom it added and who never signed in or played are erased. Those whom it renamed or
    moved go back, unless somebody changed them since. The others are left and named.
    """

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, record_erasures: RecordErasures
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._record_erasures = record_erasures

    def execute(self, import_id: int, *, who: str = "operator") -> UndoneImport:
        """Raises NotFound, SettingsError, and Refused with `already_undone` or `too_late`."""
        now = self._clock()
        with self._uow() as uow:
            uow.rosters.hold()
            made = _found(uow, import_id)
            _check(made, now)
            changes = uow.rosters.changes(import_id)
            uow.classes.lock(_concerned(made, changes))
            uow.students.lock([one.after.student_id for one in changes])
            undoing = _Undoing(uow, changes)
            erased, stayed = undoing.added(now)
            back, left = undoing.back()
            names, classes = _without_children(uow, made.created, now)
            uow.rosters.undone(import_id, at=now)
            uow.audit.add(
                who=who,
                what="import undone",
                target=f"class {made.class_ids[0]}"
                if len(made.class_ids) == 1
                else f"import {import_id}",
                details={"import": import_id, "removed": len(erased), "back": back},
                now=now,
            )
            # Before the commit, as EraseStudent does.
            self._record_erasures([*erased, *classes])
            uow.commit()
        return UndoneImport(
            import_id=import_id,
            removed=len(erased),
            back=back,
            classes=names,
            left=[*left, *stayed],
        )


class _Undoing:
    """What an import did, and the students as they are now."""

    def __init__(self, uow: UnitOfWork, changes: Sequence[StudentChange]) -> None:
        self._uow = uow
        self._changes = changes
        ids = {
            one.class_id
            for change in changes
            for one in (change.before, change.after)
            if one is not None
        }
        self._members = {one.student_id: one for one in uow.rosters.members(ids)}

    def back(self) -> tuple[int, list[LeftStudent]]:
        """Put those back whom the import changed. Returns how many, and who is left."""
        changes, left = [], []
        for one in self._changes:
            if one.before is None:
                continue
            if problem := self._problem(one):
                now = self._members.get(one.after.student_id, one.after)
                left.append(_left(now, problem))
            else:
                changes.append(StudentChange(before=one.after, after=one.before))
        changes, taken = self._without_clashes(changes)
        return self._uow.rosters.change(changes), [*left, *taken]

    def _problem(self, one: StudentChange) -> str:
        now = self._members.get(one.after.student_id)
        if now is None or _place(now) != _place(one.after):
            return "changed since"
        exists = one.before is not None and self._uow.classes.get(one.before.class_id) is not None
        return "" if exists else "its class was erased"

    def _without_clashes(
        self, changes: Sequence[StudentChange]
    ) -> tuple[list[StudentChange], list[LeftStudent]]:
        """The changes, but those after which two children of a class would have a nickname. Who
        is left keeps a nickname, too, which another may have wanted back."""
        kept = list(changes)
        left: list[StudentChange] = []
        while True:
            moving = {one.after.student_id for one in kept}
            taken = {
                (one.class_id, nickname_key(one.nickname))
                for one in self._members.values()
                if one.student_id not in moving
            }
            stuck = [one for one in kept if _wanted(one) in taken]
            if not stuck:
                reason = "another child has the nickname now"
                return kept, [_left(one.before, reason) for one in left if one.before]
            left += stuck
            kept = [one for one in kept if _wanted(one) not in taken]

    def added(self, now: datetime) -> tuple[list[Erasure], list[LeftStudent]]:
        """Erase those whom the import added and who never played. It comes before `back`: the
        others keep their nicknames."""
        added = [one.after for one in self._changes if one.before is None]
        played = self._uow.rosters.has_played([one.student_id for one in added])
        erased, going, left = [], [], []
        for one in added:
            student = self._uow.students.get(one.student_id)
            if student is None:
                continue
            if one.student_id in played:
                left.append(_left(one, "signed in or played", student.nickname))
            elif student.class_id != one.class_id:
                left.append(_left(one, "moved since", student.nickname))
            else:
                erased += erasures_of(self._uow, student, now)
                going.append(one.student_id)
        self._uow.students.erase_all(going)
        for student_id in going:
            self._members.pop(student_id, None)
        return erased, left


def _wanted(one: StudentChange) -> tuple[int, str]:
    """What no other child may have after this change."""
    return one.after.class_id, nickname_key(one.after.nickname)


def _place(one: Member) -> tuple[int, str]:
    return one.class_id, one.nickname


def _left(one: Member, reason: str, nickname: str = "") -> LeftStudent:
    return LeftStudent(student_id=one.student_id, nickname=nickname or one.nickname, reason=reason)


def _found(uow: Reading, import_id: int) -> RosterImport:
    made = uow.rosters.get(import_id)
    if made is None:
        raise NotFound(f"there is no import {import_id}", hint="See: neuroplay class imports")
    return made


def _check(made: RosterImport, now: datetime) -> None:
    if made.undone_at is not None:
        raise Refused(f"import {made.import_id} was undone already", code="already_undone")
    if now - made.at > timedelta(days=UNDO_DAYS):
        raise Refused(
            f"an import can be undone for {UNDO_DAYS} days; {made.import_id} is older",
            code="too_late",
        )


def _concerned(made: RosterImport, changes: Sequence[StudentChange]) -> set[int]:
    both = {one.class_id for change in changes for one in (change.before, change.after) if one}
    return both | set(made.class_ids)


def _without_children(
    uow: UnitOfWork, created: Sequence[int], now: datetime
) -> tuple[list[str], list[Erasure]]:
    """Remove those classes that the import created and nobody is in. Returns their names."""
    names, erased = [], []
    for one in uow.classes.lock(created).values():
        if not uow.students.by_class(one.class_id):
            uow.classes.remove(one.class_id)
            names.append(one.name)
            erased.append(
                Erasure(kind="class", number=one.class_id, created_at=one.created_at, erased_at=now)
            )
    return names, erased
