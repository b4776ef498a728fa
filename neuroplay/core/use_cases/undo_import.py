"""Undo the import of a roster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from neuroplay.core.entities.actor import OPERATOR, Actor, Operator
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
from neuroplay.core.rules.class_words import LARGEST_ID
from neuroplay.core.rules.nickname_text import nickname_key
from neuroplay.core.rules.retention import UNDO_DAYS
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.use_cases.erase_class import erasures_of
from neuroplay.core.use_cases.reach import hold_actor, out_of_reach, see_class


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftStudent:
    """A student whom undoing leaves as he is, in which class, and why."""

    student_id: int
    class_id: int
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

    def execute(self, class_ref: str | None = None, *, by: Actor = OPERATOR) -> list[RosterImport]:
        """Those that concern no class which the actor does not see. `class_ref` is as in see_class;
        None: of all classes. Raises NotFound, Refused."""
        with self._uow() as uow:
            one = None if class_ref is None else see_class(uow, by, class_ref)
            found = uow.rosters.imports(one.class_id if one else None)
        return [one for one in found if all(map(by.sees, one.class_ids))]

    def one(self, import_id: int) -> RosterImport:
        """Raises NotFound."""
        with self._uow() as uow:
            return _found(uow, OPERATOR, import_id)


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

    def execute(self, import_id: int, *, by: Actor = OPERATOR) -> UndoneImport:
        """Those who are left are named where the actor sees them. Raises NotFound, also for an
        import that concerns a class which the actor does not see, SettingsError, and Refused with
        `already_undone` or `too_late`."""
        now = self._clock()
        with self._uow() as uow:
            by = hold_actor(uow, by)
            uow.rosters.hold()
            made = _found(uow, by, import_id)
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
                who=by.who,
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
            left=[one for one in (*left, *stayed) if by.sees(one.class_id)],
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
        changes: list[StudentChange] = []
        left: list[LeftStudent] = []
        for one in self._changes:
            if one.before is None:
                continue
            if problem := self._problem(one.after, one.before):
                left += self._left(one.after.student_id, problem)
            else:
                changes.append(StudentChange(before=one.after, after=one.before))
        changes, stuck = self._that_fit(changes)
        return self._uow.rosters.change(changes), [*left, *stuck]

    def _problem(self, after: Member, before: Member) -> str:
        now = self._members.get(after.student_id)
        if now is None or _place(now) != _place(after):
            return "changed since"
        its_class = self._uow.classes.get(before.class_id)
        if its_class is None:
            return "its class was erased"
        comes = before.class_id != after.class_id
        return "its class is archived" if comes and its_class.is_archived else ""

    def _that_fit(
        self, changes: Sequence[StudentChange]
    ) -> tuple[list[StudentChange], list[LeftStudent]]:
        """The changes, but those after which two children of a class would have a nickname, or a
        class too many children. Who is left keeps nickname and place, which another may have wanted
        back."""
        kept = list(changes)
        left: list[LeftStudent] = []
        while stuck := self._stuck(kept):
            for student_id, reason in stuck.items():
                left += self._left(student_id, reason)
            kept = [one for one in kept if one.after.student_id not in stuck]
        return kept, left

    def _stuck(self, changes: Sequence[StudentChange]) -> dict[int, str]:
        """Who cannot go back if these changes are made together, and why."""
        moving = {one.after.student_id for one in changes}
        staying = [one for one in self._members.values() if one.student_id not in moving]
        taken = {(one.class_id, nickname_key(one.nickname)) for one in staying}
        sizes = Counter(one.class_id for one in staying)
        stuck = {}
        for one in sorted(changes, key=_comes):  # those who are there already have their place
            wanted = one.after.class_id
            if (wanted, nickname_key(one.after.nickname)) in taken:
                stuck[one.after.student_id] = "another child has the nickname now"
            elif _comes(one) and sizes[wanted] >= LARGEST_CLASS:
                stuck[one.after.student_id] = "its class is full"
            sizes[wanted] += 1
        return stuck

    def added(self, now: datetime) -> tuple[list[Erasure], list[LeftStudent]]:
        """Erase those whom the import added and who never played. It comes before `back`: the
        others keep their nicknames."""
        added = [one.after for one in self._changes if one.before is None]
        played = self._uow.rosters.has_played([one.student_id for one in added])
        erased: list[Erasure] = []
        going: list[int] = []
        left: list[LeftStudent] = []
        for one in added:
            student = self._uow.students.get(one.student_id)
            if student is None:
                continue
            if one.student_id in played:
                left += self._left(one.student_id, "signed in or played")
            elif student.class_id != one.class_id:
                left += self._left(one.student_id, "moved since")
            else:
                erased += erasures_of(self._uow, student, now)
                going.append(one.student_id)
        self._uow.students.erase_all(going)
        for student_id in going:
            self._members.pop(student_id, None)
        return erased, left

    def _left(self, student_id: int, reason: str) -> Iterator[LeftStudent]:
        """The student as of now, unless erased."""
        now = self._uow.students.get(student_id)
        if now is not None:
            yield LeftStudent(
                student_id=student_id,
                class_id=now.class_id,
                nickname=now.nickname,
                reason=reason,
            )


def _comes(one: StudentChange) -> bool:
    """Whether the student comes from another class."""
    return one.before is None or one.before.class_id != one.after.class_id


def _place(one: Member) -> tuple[int, str]:
    return one.class_id, one.nickname


def _found(uow: Reading, by: Actor, import_id: int) -> RosterImport:
    made = uow.rosters.get(import_id) if 0 < import_id <= LARGEST_ID else None
    if made is not None and all(map(by.sees, made.class_ids)):
        return made
    if isinstance(by, Operator):
        raise NotFound(f"there is no import {import_id}", hint="See: neuroplay class imports")
    raise out_of_reach()


def can_be_undone(made: RosterImport, now: datetime) -> bool:
    return made.undone_at is None and now - made.at <= timedelta(days=UNDO_DAYS)


def _check(made: RosterImport, now: datetime) -> None:
    if made.undone_at is not None:
        raise Refused(f"import {made.import_id} was undone already", code="already_undone")
    if not can_be_undone(made, now):
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
