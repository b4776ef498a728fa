"""One child at a time: show, new card, export, erase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxItem
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.use_cases.find_people import find_class
from neuroplay.core.use_cases.manage_classes import StudentCard, card_of
from neuroplay.core.use_cases.read_progress import iso, progress_document, session_document

EXPORT_PAGE = 200


def present() -> datetime:
    return datetime.now(UTC)


class ListStudents:
    """The students of a class, or of all classes, by class and id."""

    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(self, class_ref: str | None = None) -> list[Student]:
        """`class_ref` as of find_class. Raises NotFound, Refused."""
        with self._uow() as uow:
            classes = (
                [school_class for school_class, _ in uow.classes.all()]
                if class_ref is None
                else [find_class(uow, class_ref)]
            )
            return [
                student
                for school_class in classes
                for student in uow.students.by_class(school_class.class_id)
            ]


class ShowStudent:
    """One student with progress."""

    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(self, student_id: int) -> Student:
        """Raises NotFound."""
        with self._uow() as uow:
            return _found(uow, student_id)


class ResetCard:
    """Gives a student a new card; the old one and every token end. Of two who do so at once the
    second is refused: the first one's card would be dead before it is printed."""

    def __init__(self, *, uow: UnitOfWorkFactory, secrets: Secrets, clock: Clock = present) -> None:
        self._uow = uow
        self._secrets = secrets
        self._clock = clock

    def execute(self, seen: Student, *, who: str = "operator") -> StudentCard:
        """`seen` is the student as it was when this was decided. Raises NotFound,
        Refused(code="card_changed")."""
        with self._uow() as uow:
            student = uow.students.raise_card_version(seen.student_id, seen.card_version)
            if student is None:
                _found(uow, seen.student_id)
                raise Refused(
                    f"somebody else made a new card for {seen.nickname} just now",
                    code="card_changed",
                    hint="Use that card, or give the command again",
                )
            uow.audit.add(
                who=who,
                what="card reset",
                target=f"student {student.student_id}",
                details={"card_version": student.card_version},
                now=self._clock(),
            )
            uow.commit()
        return card_of(student, self._secrets)


class ExportStudent:
    """Everything that is stored of a student, as plain JSON types."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, student_id: int) -> dict[str, Any]:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            student = _found(uow, student_id)
            school_class = uow.classes.get(student.class_id)
            progress = progress_document(
                student, uow.inbox.counts_of(student_id), today=now.astimezone(UTC).date()
            )
            sessions = _all_sessions(uow, student_id)
            received = _all_received(uow, student_id)
            devices = [plain(row) for row in uow.devices.of_student(student_id)]
        return {
            "exported_at": iso(now),
            **progress,
            "student": {
                **progress["student"],
                "card_version": student.card_version,
                "created_at": iso(student.created_at),
                "class": None
                if school_class is None
                else {
                    "id": school_class.class_id,
                    "name": school_class.name,
                },
            },
            "play_days": sorted(day.isoformat() for day in student.progress.play_days),
            "sessions": sessions,
            "received": received,
            "devices": devices,
            "counts": progress["sessions"],
        }


class EraseStudent:
    """Removes a student everywhere, for good. What remains are nameless tombstones of tokens, so
    that a tablet learns to forget too, and a line of audit that says that it was done."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock = present) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, student_id: int, *, who: str = "operator") -> Mapping[str, int]:
        """Rows removed by table. Raises NotFound."""
        with self._uow() as uow:
            uow.students.lock([student_id])
            _found(uow, student_id)
            removed = dict(uow.students.erase(student_id))
            uow.audit.add(
                who=who,
                what="student erased",
                target=f"student {student_id}",
                details={"rows": sum(removed.values())},
                now=self._clock(),
            )
            uow.commit()
        return removed


def plain(value: Any) -> Any:
    """The value as plain JSON types: times and dates as ISO 8601, ids as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return iso(value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _found(uow: UnitOfWork, student_id: int) -> Student:
    student = uow.students.get(student_id)
    if student is None:
        raise NotFound(f"there is no student {student_id}", hint="See: neuroplay student list")
    return student


def _all_sessions(uow: UnitOfWork, student_id: int) -> list[dict[str, Any]]:
    return _paged(
        lambda after: uow.sessions.page(student_id, after, EXPORT_PAGE),
        lambda row: (row["received_at"], row["inbox_id"]),
        session_document,
    )


def _all_received(uow: UnitOfWork, student_id: int) -> list[dict[str, Any]]:
    mine = InboxFilter(student_id=student_id)
    return _paged(
        lambda before: uow.inbox.list(mine, before=before, limit=EXPORT_PAGE),
        lambda item: item.inbox_id,
        _received_document,
    )


def _paged(
    read: Callable[[Any], list[Any]],
    mark: Callable[[Any], Any],
    document: Callable[[Any], dict[str, Any]],
) -> list[dict[str, Any]]:
    """All pages; `mark` of a page's last row asks for the next one."""
    documents: list[dict[str, Any]] = []
    page = read(None)
    while page:
        documents.extend(document(row) for row in page)
        page = read(mark(page[-1])) if len(page) == EXPORT_PAGE else []
    return documents


def _received_document(item: InboxItem) -> dict[str, Any]:
    return {
        "inbox_id": item.inbox_id,
        "session_id": plain(item.session_id),
        "device_id": str(item.device_id),
        "state": str(item.state),
        "received_at": iso(item.received_at),
        "processed_at": iso(item.processed_at),
        "clock_shift_s": item.clock_shift_s,
        "error": item.last_error,
        "reasons": list(item.reasons),
        "session": plain(item.payload),
    }
