"""Import a roster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.roster import (
    Becomes,
    Member,
    NewMember,
    RosterImport,
    RosterOptions,
    RosterPreview,
    RosterSource,
    StudentChange,
)
from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import Refused, RosterRefused
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.nickname_text import LONGEST_NICKNAME, nickname_key
from neuroplay.core.rules.nicknames import AVATARS
from neuroplay.core.rules.read_roster import read_roster
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.use_cases.cards import StudentCard, card_of
from neuroplay.core.use_cases.create_class import free_class_code, new_class_code
from neuroplay.core.use_cases.find_people import check_open, no_class
from neuroplay.core.use_cases.plan_roster import ImportPlan, plan_import
from neuroplay.core.use_cases.reach import hold_actor, see_class

MOVED = "moved"
"""In the counts of an import, who was gone and moved to another class."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedRoster:
    """What an import did. `import_id` is None if there was nothing to do. `counts` are those of the
    preview, with MOVED instead of `gone` if who was gone moved. `classes` are those that it
    concerned, and `added` the new students with their cards, in order of student id."""

    import_id: int | None
    preview: RosterPreview
    counts: Mapping[str, int]
    classes: Sequence[SchoolClass]
    added: Sequence[StudentCard]


class ApplyRoster:
    """Imports a roster as a preview showed it, completely or not at all."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        new_code: Callable[[], str] = new_class_code,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._new_code = new_code

    def execute(
        self,
        class_ref: str | None,
        source: RosterSource,
        *,
        options: RosterOptions | None = None,
        preview_id: str,
        gone_to: str | None = None,
        by: Actor = OPERATOR,
    ) -> AppliedRoster:
        """The arguments are those of PreviewRoster. Who is gone stays, or moves to `gone_to`.

        Raises Refused(code="roster_changed") if the classes or the roster changed since the
        preview, `class_full`, RosterRefused with every bad line, and as PreviewRoster.
        """
        options = options or RosterOptions()
        reading = read_roster(source, options, by=by)
        with self._uow() as uow:
            by = hold_actor(uow, by)
            uow.rosters.hold()
            wanted = None if gone_to is None else see_class(uow, by, gone_to, acting=True)
            # What is planned without locks says what to lock.
            first = plan_import(uow, reading, class_ref, source, options, self._secrets, by)
            held = uow.classes.lock(_concerned(first, wanted))
            if wanted is not None:
                check_open(_still(held, wanted))
            plan = plan_import(uow, reading, class_ref, source, options, self._secrets, by)
            _check(plan.preview, preview_id)
            applied = self._apply(uow, plan, wanted, by.who)
            if applied.import_id is not None:
                uow.commit()
            return applied

    def _apply(
        self, uow: UnitOfWork, plan: ImportPlan, gone_to: SchoolClass | None, who: str
    ) -> AppliedRoster:
        classes = {
            one.name: one.school_class
            or uow.classes.add(one.name, free_class_code(uow, self._new_code))
            for one in plan.classes
        }
        changes = _changes(plan, classes)
        if gone_to is not None:
            changes += _moved(uow, plan, gone_to)
        if uow.rosters.change(changes) != len(changes):
            raise _changed()
        new = _new(plan, classes)
        added = uow.rosters.add(new)
        created = [classes[one.name].class_id for one in plan.classes if one.school_class is None]
        # Who undoes it moves children back to, and out of, all of these.
        both = [one for change in changes for one in (change.before, change.after) if one]
        own = [one.class_id for one in classes.values()]
        ids = list(dict.fromkeys([*own, *(one.class_id for one in both)]))
        counts = plan.preview.counts
        if gone_to is not None:
            counts[MOVED] = counts.pop(Becomes.GONE)
        kept = None
        if changes or added or created:
            changes += [
                StudentChange(
                    before=None,
                    after=Member(
                        student_id=student.student_id,
                        class_id=student.class_id,
                        nickname=student.nickname,
                        keys=one.keys,
                    ),
                )
                for one, student in zip(new, added, strict=True)
            ]
            kept = self._keep(uow, changes, ids, created, counts, who)
        return AppliedRoster(
            import_id=kept.import_id if kept else None,
            preview=plan.preview,
            counts=counts,
            classes=list(classes.values()),
            added=[card_of(student, self._secrets) for student in added],
        )

    def _keep(
        self,
        uow: UnitOfWork,
        changes: Sequence[StudentChange],
        class_ids: Sequence[int],
        created: Sequence[int],
        counts: Mapping[str, int],
        who: str,
    ) -> RosterImport:
        now = self._clock()
        kept = uow.rosters.record(
            changes, at=now, who=who, class_ids=class_ids, created=created, counts=counts
        )
        uow.audit.add(
            who=who,
            what="roster imported",
            target=f"class {class_ids[0]}" if len(class_ids) == 1 else f"import {kept.import_id}",
            details={"import": kept.import_id, **counts},
            now=now,
        )
        return kept


def _concerned(plan: ImportPlan, gone_to: SchoolClass | None) -> set[int]:
    """The classes whose children may change."""
    found = {one.school_class.class_id for one in plan.classes if one.school_class}
    found |= {each.member.class_id for one in plan.classes for each in one.planned if each.member}
    return found | ({gone_to.class_id} if gone_to else set())


def _still(held: Mapping[int, SchoolClass], wanted: SchoolClass) -> SchoolClass:
    """The class as it is now that it is locked."""
    if wanted.class_id not in held:
        raise no_class(f"id:{wanted.class_id}")
    return held[wanted.class_id]


def _check(preview: RosterPreview, preview_id: str) -> None:
    if preview.errors:
        raise RosterRefused(preview.errors)
    if preview.preview_id != preview_id:
        raise _changed()


def _changed() -> Refused:
    return Refused(
        "the class or the roster has changed since the preview; nothing was imported",
        code="roster_changed",
        hint="Look at the preview again",
    )


def _changes(plan: ImportPlan, classes: Mapping[str, SchoolClass]) -> list[StudentChange]:
    """What changes about students who are recognised: class, nickname or hashes."""
    found = []
    for one in plan.classes:
        for each in one.planned:
            before = each.member
            if before is None or each.line.becomes is Becomes.GONE:
                continue
            after = replace(
                before,
                class_id=classes[one.name].class_id,
                nickname=each.line.nickname,
                keys=each.keys,
            )
            if after != before:
                found.append(StudentChange(before=before, after=after))
    return found


def _new(plan: ImportPlan, classes: Mapping[str, SchoolClass]) -> list[NewMember]:
    """The students to add. Those without an avatar get one in turn."""
    found = []
    for one in plan.classes:
        here = sum(each.member is not None for each in one.planned)
        added = [each for each in one.planned if each.line.becomes is Becomes.ADDED]
        for place, each in enumerate(added, start=here):
            found.append(
                NewMember(
                    class_id=classes[one.name].class_id,
                    nickname=each.line.nickname,
                    avatar=each.line.avatar or AVATARS[place % len(AVATARS)],
                    keys=each.keys,
                )
            )
    return found


def _moved(uow: UnitOfWork, plan: ImportPlan, to: SchoolClass) -> list[StudentChange]:
    """Those who are gone, in the class `to`."""
    if any(one.school_class and one.school_class.class_id == to.class_id for one in plan.classes):
        raise Refused(
            f"those who are gone cannot move to {to.name}, whose roster this is", code="same_class"
        )
    members = uow.rosters.members([to.class_id])
    gone = [
        each.member
        for one in plan.classes
        for each in one.planned
        if each.line.becomes is Becomes.GONE and each.member
    ]
    if len(members) + len(gone) > LARGEST_CLASS:
        raise Refused(
            f"{to.name} would have {len(members) + len(gone)} children; a class has at most "
            f"{LARGEST_CLASS}",
            code="class_full",
        )
    taken = {nickname_key(one.nickname) for one in members}
    changes = []
    for one in gone:
        nickname = _free(one.nickname, taken)
        taken.add(nickname_key(nickname))
        after = replace(one, class_id=to.class_id, nickname=nickname)
        changes.append(StudentChange(before=one, after=after))
    return changes


def _free(nickname: str, taken: Collection[str]) -> str:
    """The nickname, with a number if another child has it."""
    numbered = (f"{nickname[: LONGEST_NICKNAME - 4]} {number}" for number in count(2))
    return next(one for one in chain([nickname], numbered) if nickname_key(one) not in taken)
