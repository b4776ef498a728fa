"""Create a class with its students, or from a roster."""

from __future__ import annotations

import secrets as stdlib_secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from random import Random

from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.errors import Refused, RosterUnsure
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import ReadingFactory, UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules import class_words
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.rules.codes import ALPHABET, CLASS_CODE_LENGTH
from neuroplay.core.rules.nickname_text import nickname_fault, nickname_key, plain_name
from neuroplay.core.rules.nicknames import AVATARS, nicknames
from neuroplay.core.rules.roster import LARGEST_CLASS, RosterRow, read_roster
from neuroplay.core.use_cases.cards import CreatedClass, card_of

_CODE_TRIES = 20


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
        name = checked_class_name(name)
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


def _nickname_and_avatar(
    row: RosterRow | None, avatar: str, generated: Iterator[tuple[str, str]]
) -> tuple[str, str]:
    if row is None:
        return next(generated)
    return row.nickname, row.avatar or avatar


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
