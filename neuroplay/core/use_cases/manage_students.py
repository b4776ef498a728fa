"""List and show students, reset a card, export and erase a student."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from neuroplay.core.entities.actor import OPERATOR, Actor, Operator
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.roster import ImportedChange
from neuroplay.core.entities.stored_session import ListedSession
from neuroplay.core.entities.student import (
    DeviceSignIn,
    KnownDevice,
    MergedStudent,
    SchoolClass,
    Student,
)
from neuroplay.core.entities.sync_item import Attempt, AuditEntry, InboxItem
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock, RecordErasures, Secrets, present
from neuroplay.core.interfaces.unit_of_work import Reading, ReadingFactory, UnitOfWorkFactory
from neuroplay.core.rules.nickname_text import plain_name
from neuroplay.core.use_cases.cards import CreatedClass, card_of
from neuroplay.core.use_cases.erase_class import erasures_of
from neuroplay.core.use_cases.find_people import find_class
from neuroplay.core.use_cases.looks import STUDENT_LOOK, note_look
from neuroplay.core.use_cases.reach import hold_student, see_student
from neuroplay.core.use_cases.read_progress import StudentProgress, streak_of

EXPORT_PAGE = 200

Row = TypeVar("Row")


class ListStudents:
    """Lists the students of a class, or of all classes, by class and id."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, class_ref: str | None = None) -> list[Student]:
        """`class_ref` is as in find_class; None: those of all classes that are not archived.
        Raises NotFound, Refused."""
        with self._uow() as uow:
            classes = (
                [one for one, _ in uow.classes.all() if not one.is_archived]
                if class_ref is None
                else [find_class(uow, class_ref)]
            )
            return [
                student
                for school_class in classes
                for student in uow.students.by_class(school_class.class_id)
            ]


class ShowStudent:
    """Shows one student with progress, and records the look in the audit."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, student_id: int, *, by: Operator = OPERATOR) -> Student:
        """Raises NotFound."""
        with self._uow() as uow:
            student = see_student(uow, by, student_id)
            note_look(uow, by, STUDENT_LOOK, f"student {student_id}", self._clock())
        return student


class ResetCard:
    """Gives a student a new card, and revokes the old one and every token.

    If two people do this at the same time, the second is refused: otherwise the first one's card
    would be invalid before it is printed.
    """

    def __init__(self, *, uow: UnitOfWorkFactory, secrets: Secrets, clock: Clock = present) -> None:
        self._uow = uow
        self._secrets = secrets
        self._clock = clock

    def execute(
        self, student_id: int, *, seen_version: int | None = None, by: Actor = OPERATOR
    ) -> CreatedClass:
        """The class with the student's new card alone. `seen_version` is that of the card which the
        actor saw; None: whichever it is. Raises NotFound, and Refused with `card_changed` if there
        is a newer card, or `student_moved`."""
        with self._uow() as uow:
            known, school_class = hold_student(uow, by, student_id)
            seen = known.card_version if seen_version is None else seen_version
            student = uow.students.raise_card_version(student_id, seen)
            if student is None:
                raise Refused(
                    f"somebody else made a new card for {known.nickname} just now",
                    code="card_changed",
                    hint="Use that card, or give the command again",
                )
            uow.audit.add(
                who=by.who,
                what="card reset",
                target=f"student {student.student_id}",
                details={"card_version": student.card_version},
                now=self._clock(),
            )
            uow.commit()
        card = card_of(student, self._secrets)
        return CreatedClass(school_class=school_class, students=(card,))


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentExport:
    """Everything that is stored about a student. `folded` are the sessions that are no longer kept
    one by one, `attempts` are by the id of what was received."""

    exported_at: datetime
    progress: StudentProgress
    school_class: SchoolClass | None
    sessions: Sequence[ListedSession]
    received: Sequence[InboxItem]
    folded: OpeningBalance
    devices: Sequence[KnownDevice]
    attempts: Mapping[int, Sequence[Attempt]]
    sign_ins: Sequence[DeviceSignIn]
    decisions: Sequence[AuditEntry]
    imports: Sequence[ImportedChange]
    merged: Sequence[MergedStudent]


class ExportStudent:
    """Exports everything that is stored about a student, for the family, and records that in the
    audit."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, student_id: int, *, by: Actor = OPERATOR) -> StudentExport:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            student = see_student(uow, by, student_id)
            # First, since what is exported has this entry, too.
            uow.audit.add(
                who=by.who,
                what="student exported",
                target=f"student {student_id}",
                details={},
                now=now,
            )
            school_class = uow.classes.get(student.class_id)
            received = _all_received(uow, student_id)
            made = StudentExport(
                exported_at=now,
                progress=StudentProgress(
                    student=student,
                    counts=uow.inbox.counts_of(student_id),
                    streak=streak_of(student.progress.play_days, today=now.astimezone(UTC).date()),
                    day_minutes=school_class.day_minutes if school_class else 0,
                ),
                school_class=school_class,
                sessions=_all_sessions(uow, student_id),
                received=received,
                folded=uow.sessions.opening_balance(student_id),
                devices=uow.devices.of_student(student_id),
                attempts={one.inbox_id: uow.inbox.attempts_of(one.inbox_id) for one in received},
                sign_ins=uow.tokens.sign_ins(student_id=student_id),
                decisions=uow.audit.about(student_id),
                imports=uow.rosters.of_student(student_id),
                merged=uow.students.merged(student_id),
            )
            uow.commit()
        return made


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureReceipt:
    """What can be shown to a family: who was erased, when, and how many rows by table."""

    erased_at: datetime
    student_id: int
    rows: Mapping[str, int]


class EraseStudent:
    """Erases a student everywhere, permanently.

    A tombstone of each token remains, without a name, so that tablets delete their copies too. The
    audit gets an entry, and so does the erasure ledger.
    """

    def __init__(
        self, *, uow: UnitOfWorkFactory, record_erasures: RecordErasures, clock: Clock = present
    ) -> None:
        self._uow = uow
        self._record_erasures = record_erasures
        self._clock = clock

    def execute(
        self, student_id: int, *, nickname: str | None = None, by: Actor = OPERATOR
    ) -> ErasureReceipt:
        """`nickname` is the student's, typed again, where the actor was asked for it. Raises
        NotFound, SettingsError, and Refused with `wrong_nickname` or `student_moved`."""
        now = self._clock()
        with self._uow() as uow:
            student, _ = hold_student(uow, by, student_id)
            if nickname is not None and plain_name(nickname) != student.nickname:
                raise Refused("this is not the nickname of this child", code="wrong_nickname")
            ended = erasures_of(uow, student, now)
            removed = dict(uow.students.erase(student_id))
            uow.audit.add(
                who=by.who,
                what="student erased",
                target=f"student {student_id}",
                details={"rows": sum(removed.values())},
                now=now,
            )
            # Last, when only the commit can fail: recorded and not committed, the child is erased
            # by the next restore, as was meant; committed and not recorded, a restore would bring
            # the child back.
            self._record_erasures(ended)
            uow.commit()
        return ErasureReceipt(erased_at=now, student_id=student_id, rows=removed)


def _all_sessions(uow: Reading, student_id: int) -> list[ListedSession]:
    def page(last: ListedSession | None) -> list[ListedSession]:
        return uow.sessions.page(student_id, None if last is None else last.place, EXPORT_PAGE)

    return _paged(page)


def _all_received(uow: Reading, student_id: int) -> list[InboxItem]:
    def page(last: InboxItem | None) -> list[InboxItem]:
        before = None if last is None else last.inbox_id
        return uow.inbox.list(InboxFilter(student_id=student_id), before=before, limit=EXPORT_PAGE)

    return _paged(page)


def _paged(read: Callable[[Row | None], list[Row]]) -> list[Row]:
    """All rows. `read` returns the page after a row, or the first page for None."""
    rows = page = read(None)
    while len(page) == EXPORT_PAGE:
        page = read(page[-1])
        rows = rows + page
    return rows
