"""Create a class with its students."""

from __future__ import annotations

import secrets as stdlib_secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import cycle, islice
from random import Random

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.rules.codes import ALPHABET, CLASS_CODE_LENGTH
from neuroplay.core.rules.nickname_text import (
    NICKNAME_FAULTS,
    nickname_fault,
    nickname_key,
    plain_name,
)
from neuroplay.core.rules.nicknames import AVATARS, nicknames
from neuroplay.core.rules.roster import LARGEST_CLASS
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
        by: Actor = OPERATOR,
        first_sign_in_at: datetime | None = None,
    ) -> CreatedClass:
        """`students` is their number, with nicknames generated in `language`, or their nicknames.

        `first_sign_in_at` is for students whose sessions lie in a generated past, as in load tests.
        Raises Refused with `bad_class_name`, `bad_class_size`, `bad_nickname`, `bad_language` or
        `no_free_code`.
        """
        with self._uow() as uow:
            made = self.within(
                uow,
                name,
                students,
                language=language,
                by=by,
                first_sign_in_at=first_sign_in_at,
            )
            uow.commit()
        return made

    def within(
        self,
        uow: UnitOfWork,
        name: str,
        students: int | Sequence[str],
        *,
        language: str,
        by: Actor,
        first_sign_in_at: datetime | None = None,
    ) -> CreatedClass:
        """As `execute`, in a unit of work that the caller commits."""
        names = None if isinstance(students, int) else _checked_nicknames(students)
        name = checked_class_name(name)
        size = _checked_size(students if isinstance(students, int) else len(students))
        if language not in LANGUAGES:
            raise Refused(f"unknown language {language!r}", code="bad_language")
        generated = nicknames(language, random=self._random)
        called = islice(generated, size) if names is None else zip(names, cycle(AVATARS))
        school_class = uow.classes.add(name, free_class_code(uow, self._new_code))
        cards = tuple(
            card_of(
                uow.students.add(
                    school_class.class_id, nickname, avatar, first_sign_in_at=first_sign_in_at
                ),
                self._secrets,
            )
            for nickname, avatar in called
        )
        uow.audit.add(
            who=by.who,
            what="class created",
            target=f"class {school_class.class_id}",
            details={"students": len(cards)},
            now=self._clock(),
        )
        return CreatedClass(school_class=school_class, students=cards)


def free_class_code(uow: UnitOfWork, new_code: Callable[[], str]) -> str:
    """A class code that no class has. Raises Refused(code="no_free_code")."""
    for _ in range(_CODE_TRIES):
        code = new_code()
        if uow.classes.by_code(code) is None:
            return code
    raise Refused("there is no free class code", code="no_free_code")


def _checked_size(students: int) -> int:
    if not 1 <= students <= LARGEST_CLASS:
        raise Refused(f"a class has 1 to {LARGEST_CLASS} students", code="bad_class_size")
    return students


def _checked_nicknames(nicknames: Sequence[str]) -> list[str]:
    names = [plain_name(nickname) for nickname in nicknames]
    for name in names:
        if fault := nickname_fault(name):
            raise Refused(f"{NICKNAME_FAULTS[fault]}: {name[:40]!r}", code="bad_nickname")
    counts = Counter(map(nickname_key, names))
    twice = [name for name in names if counts[nickname_key(name)] > 1]
    if twice:
        raise Refused(f"the nickname {twice[0]!r} appears twice", code="bad_nickname")
    return names
