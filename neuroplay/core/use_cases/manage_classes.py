"""Create, import, list and erase classes, and show their cards."""

from __future__ import annotations

import secrets as stdlib_secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from neuroplay.core.entities.erasure import Erasure
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.retention import (
    FEWEST_MONTHS,
    LONGEST_DAYS,
    MOST_MONTHS,
    NEVER,
)
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import Refused, RosterUnsure
from neuroplay.core.interfaces.services import Clock, RecordErasures, Secrets
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules import class_words
from neuroplay.core.rules.codes import ALPHABET, CLASS_CODE_LENGTH
from neuroplay.core.rules.nickname_text import (
    can_be_shown,
    nickname_fault,
    nickname_key,
    plain_name,
)
from neuroplay.core.rules.nicknames import AVATARS, nicknames
from neuroplay.core.rules.roster import LARGEST_CLASS, RosterRow, read_roster
from neuroplay.core.use_cases.find_people import find_class

LONGEST_CLASS_NAME = 60
FEWEST_DAY_MINUTES = 5
MOST_DAY_MINUTES = 240
_CODE_TRIES = 20
_ERASED_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentCard:
    """A student and the code on the card (10 Crockford base32 characters, no separators)."""

    student: Student
    card_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedClass:
    """A class with every student's card, in order of student id."""

    school_class: SchoolClass
    students: tuple[StudentCard, ...]


def new_class_code() -> str:
    return "".join(stdlib_secrets.choice(ALPHABET) for _ in range(CLASS_CODE_LENGTH))


class CreateClass:
    """Creates a class and its students in one unit of work."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        new_code: Callable[[], str] = new_class_code,
        random: Random | None = None,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._new_code = new_code
        self._random = random

    def execute(
        self,
        name: str,
        students: int | Sequence[str],
        *,
        language: str = "pt-BR",
        who: str = "operator",
        first_sign_in_at: datetime | None = None,
    ) -> CreatedClass:
        """`students` is their number, with nicknames generated in `language`, or their nicknames.

        `first_sign_in_at` is for students whose sessions lie in a generated past, as in load tests.
        Raises Refused with `bad_class_name`, `bad_class_size`, `bad_nickname`, `bad_language` or
        `no_free_code`.
        """
        rows: Sequence[RosterRow | None] = (
            [None] * _checked_size(students)
            if isinstance(students, int)
            else _checked_rows(students)
        )
        return self.create(
            name, rows, language=language, who=who, first_sign_in_at=first_sign_in_at
        )

    def create(
        self,
        name: str,
        rows: Sequence[RosterRow | None],
        *,
        language: str,
        who: str = "operator",
        first_sign_in_at: datetime | None = None,
    ) -> CreatedClass:
        """Create one student for each row; None stands for a generated nickname. Raises as
        `execute`."""
        name = _checked_class_name(name)
        _checked_size(len(rows))
        if language not in LANGUAGES:
            raise Refused(f"unknown language {language!r}", code="bad_language")
        generated = nicknames(
            language, taken=[row.nickname for row in rows if row], random=self._random
        )
        with self._uow() as uow:
            school_class = uow.classes.add(name, self._free_code(uow))
            cards = tuple(
                card_of(
                    uow.students.add(
                        school_class.class_id,
                        *_nickname_and_avatar(row, AVATARS[place % len(AVATARS)], generated),
                        first_sign_in_at=first_sign_in_at,
                    ),
                    self._secrets,
                )
                for place, row in enumerate(rows)
            )
            uow.audit.add(
                who=who,
                what="class created",
                target=f"class {school_class.class_id}",
                details={"students": len(cards)},
                now=self._clock(),
            )
            uow.commit()
        return CreatedClass(school_class=school_class, students=cards)

    def _free_code(self, uow: UnitOfWork) -> str:
        for _ in range(_CODE_TRIES):
            code = self._new_code()
            if uow.classes.by_code(code) is None:
                return code
        raise Refused("there is no free class code", code="no_free_code")


class ImportRoster:
    """Creates a class from a CSV roster, completely or not at all."""

    def __init__(self, *, uow: ReadingFactory, create_class: CreateClass) -> None:
        self._uow = uow
        self._create_class = create_class

    def execute(
        self,
        name: str,
        csv_text: str,
        *,
        language: str = "pt-BR",
        who: str = "operator",
        sure: bool = False,
    ) -> CreatedClass:
        """Raises RosterRefused with every bad line, RosterUnsure if there are doubts and the caller
        is not `sure`, and the errors of CreateClass."""
        doubts: list[str] = []
        try:
            rows = read_roster(csv_text, sure=sure)
        except RosterUnsure as unsure:
            doubts += unsure.doubts
            rows = read_roster(csv_text, sure=True)
        if not sure:
            doubts += self._twins(name, rows)
        if doubts:
            raise RosterUnsure(doubts, [row.nickname for row in rows])
        return self._create_class.create(name, rows, language=language, who=who)

    def _twins(self, name: str, rows: Sequence[RosterRow]) -> list[str]:
        """A doubt for each class of this name with the same nicknames: the import was repeated."""
        wanted = sorted(row.nickname for row in rows)
        with self._uow() as uow:
            called = class_words.meanings(
                f"{class_words.NAME}:{name}", [one for one, _ in uow.classes.all()]
            ).named
            return [
                f"the class {one.name} (id:{one.class_id}, code {one.code}) already has "
                "these children, and this would create another"
                for one in called
                if sorted(each.nickname for each in uow.students.by_class(one.class_id)) == wanted
            ]


class ListClasses:
    """Lists every class with its number of students, by name."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self) -> list[tuple[SchoolClass, int]]:
        with self._uow() as uow:
            return uow.classes.all()


class SetDayMinutes:
    """Sets after how many minutes of play on a day tablets suggest to stop."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, minutes: int, *, who: str = "operator") -> SchoolClass:
        """Raises NotFound, and Refused with `ambiguous_class` or `bad_day_minutes`."""
        if not FEWEST_DAY_MINUTES <= minutes <= MOST_DAY_MINUTES:
            raise Refused(
                f"a class plays {FEWEST_DAY_MINUTES} to {MOST_DAY_MINUTES} minutes on a day",
                code="bad_day_minutes",
            )
        with self._uow() as uow:
            school_class = find_class(uow, class_ref)
            uow.classes.set_day_minutes(school_class.class_id, minutes)
            uow.audit.add(
                who=who,
                what="day minutes set",
                target=f"class {school_class.class_id}",
                details={"minutes": minutes},
                now=self._clock(),
            )
            uow.commit()
        return replace(school_class, day_minutes=minutes)


class SetRetention:
    """Sets how long a class keeps what its children played."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, class_ref: str, changes: Mapping[str, int | None], *, who: str = "operator"
    ) -> SchoolClass:
        """`changes` are fields of RetentionPolicy; None: as the installation.

        Raises NotFound, and Refused with `ambiguous_class` or `bad_retention`.
        """
        for name, value in changes.items():
            _check_retention(name, value)
        with self._uow() as uow:
            known = find_class(uow, class_ref)
            school_class = replace(
                known,
                trace_days=changes.get("trace_days", known.trace_days),
                raw_days=changes.get("raw_days", known.raw_days),
                keep_months=changes.get("keep_months", known.keep_months),
            )
            uow.classes.set_retention(school_class)
            uow.audit.add(
                who=who,
                what="retention set",
                target=f"class {school_class.class_id}",
                details=changes,
                now=self._clock(),
            )
            uow.commit()
        return school_class


def _check_retention(name: str, value: int | None) -> None:
    least, most = (FEWEST_MONTHS, MOST_MONTHS) if name == "keep_months" else (1, LONGEST_DAYS)
    if value not in (None, NEVER) and not least <= value <= most:
        unit = "months" if name == "keep_months" else "days"
        raise Refused(
            f"a class keeps them for {least} to {most} {unit}, or for ever", code="bad_retention"
        )


class EraseClass:
    """Erases a class with all its students, as EraseStudent does for one."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, record_erasures: RecordErasures
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._record_erasures = record_erasures

    def execute(
        self,
        class_ref: str,
        *,
        who: str = "operator",
        progress: Callable[[int], None] = lambda _: None,
    ) -> Mapping[str, int]:
        """Returns the number of deleted rows by table.

        Erases a few students in each transaction, so that others do not wait for long, and then
        calls `progress` with the number of students erased so far. If it is interrupted, it can be
        repeated. Raises NotFound, Refused(code="ambiguous_class"), SettingsError.
        """
        now = self._clock()
        with self._uow() as uow:
            school_class = find_class(uow, class_ref, acting=True)
            students = uow.students.by_class(school_class.class_id)
        removed: Counter[str] = Counter()
        for start in range(0, len(students), _ERASED_AT_ONCE):
            some = students[start : start + _ERASED_AT_ONCE]
            with self._uow() as uow:
                uow.students.lock([student.student_id for student in some])
                for student in some:
                    removed.update(uow.students.erase(student.student_id))
                # Before the commit, as EraseStudent does.
                self._record_erasures([erasure_of(student, now) for student in some])
                uow.commit()
            progress(start + len(some))
        with self._uow() as uow:
            uow.classes.remove(school_class.class_id)
            uow.audit.add(
                who=who,
                what="class erased",
                target=f"class {school_class.class_id}",
                details={"students": len(students), "rows": removed.total()},
                now=now,
            )
            erased = Erasure(
                kind="class",
                number=school_class.class_id,
                created_at=school_class.created_at,
                erased_at=now,
            )
            self._record_erasures([erased])
            uow.commit()
        return removed


def erasure_of(student: Student, now: datetime) -> Erasure:
    return Erasure(
        kind="student",
        number=student.student_id,
        created_at=student.created_at,
        erased_at=now,
    )


class ClassCards:
    """Shows a class's current cards, which can be printed again at any time."""

    def __init__(self, *, uow: ReadingFactory, secrets: Secrets) -> None:
        self._uow = uow
        self._secrets = secrets

    def execute(self, class_ref: str) -> CreatedClass:
        """`class_ref` is as in find_class. Raises NotFound, Refused(code="ambiguous_class")."""
        with self._uow() as uow:
            school_class = find_class(uow, class_ref)
            students = uow.students.by_class(school_class.class_id)
        return CreatedClass(
            school_class=school_class,
            students=tuple(card_of(student, self._secrets) for student in students),
        )


def card_of(student: Student, secrets: Secrets) -> StudentCard:
    """The student's current card."""
    code = secrets.card_code(StudentPrincipal, student.student_id, student.card_version)
    return StudentCard(student=student, card_code=code)


def _nickname_and_avatar(
    row: RosterRow | None, avatar: str, generated: Iterator[tuple[str, str]]
) -> tuple[str, str]:
    if row is None:
        return next(generated)
    return row.nickname, row.avatar or avatar


def _checked_class_name(name: str) -> str:
    name = plain_name(name)
    if not all(map(can_be_shown, name)):
        raise Refused(
            "a class's name holds a character that cannot be shown", code="bad_class_name"
        )
    if not name or len(name) > LONGEST_CLASS_NAME:
        raise Refused(
            f"a class needs a name of 1 to {LONGEST_CLASS_NAME} characters", code="bad_class_name"
        )
    kind, _ = class_words.split(name)
    if kind:
        raise Refused(
            f"a class's name must not begin with {kind}: (commands read {kind}:... as its {kind})",
            code="bad_class_name",
        )
    return name


def _checked_size(students: int) -> int:
    if not 1 <= students <= LARGEST_CLASS:
        raise Refused(f"a class has 1 to {LARGEST_CLASS} students", code="bad_class_size")
    return students


def _checked_rows(nicknames: Sequence[str]) -> list[RosterRow]:
    names = [plain_name(nickname) for nickname in nicknames]
    for name in names:
        if fault := nickname_fault(name):
            raise Refused(f"{fault}: {name[:40]!r}", code="bad_nickname")
    counts = Counter(map(nickname_key, names))
    twice = [name for name in names if counts[nickname_key(name)] > 1]
    if twice:
        raise Refused(f"the nickname {twice[0]!r} appears twice", code="bad_nickname")
    return [RosterRow(nickname=name) for name in names]
