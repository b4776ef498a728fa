"""Find the class or student that an operator refers to.

Destructive commands and decisions use `acting`, which accepts only unambiguous references. The same
command, given again, must never affect another class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.unit_of_work import Reading, ReadingFactory
from neuroplay.core.rules import class_words

MOST_NAMED = 5
"""Classes that an error lists; the others are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundClass:
    """A class with its students. `games` is the number of their processed sessions, `waiting` that
    of sessions which may still be counted."""

    school_class: SchoolClass
    students: tuple[Student, ...]
    games: int
    waiting: int


class FindClass:
    """Finds the class that a command refers to."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def one(self, ref: str, *, acting: bool = True) -> SchoolClass:
        """Only the class. Raises as `find_class`."""
        with self._uow() as uow:
            return find_class(uow, ref, acting=acting)

    def execute(self, ref: str) -> FoundClass:
        """The class with its students. Raises as `find_class` with `acting`."""
        with self._uow() as uow:
            school_class = find_class(uow, ref, acting=True)
            students = tuple(uow.students.by_class(school_class.class_id))
            return FoundClass(
                school_class=school_class,
                students=students,
                games=sum(student.progress.sessions for student in students),
                waiting=sum(_waiting(uow, student.student_id) for student in students),
            )


class NameClashes:
    """Finds other meanings of a class's name, to warn the operator who chose it."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, school_class: SchoolClass) -> tuple[SchoolClass, ...]:
        """Other classes that have the same or a similar name, or whose code or id it is."""
        with self._uow() as uow:
            found = class_words.meanings(school_class.name, _all(uow)).live.all
        return tuple(one for one in found if one.class_id != school_class.class_id)


class FindStudent:
    """Finds the student that a command acts on."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, ref: str) -> tuple[Student, SchoolClass | None]:
        """`ref` is an id, as `12` or `id:12`.

        Raises NotFound, and Refused(code="ambiguous_student") if a bare number is also the nickname
        of another student.
        """
        kind, value = class_words.split(ref)
        student_id = class_words.as_id(value)
        with self._uow() as uow:
            student = None if student_id is None else uow.students.get(student_id)
            if student is None:
                raise missing_student(uow, value, student_id)
            called = [] if kind else uow.students.called(value)
            if others := [one for one in called if one != student.student_id]:
                raise Refused(
                    f"{value} is the id of {student.nickname} and the nickname of student "
                    f"{others[0]}",
                    code="ambiguous_student",
                    hint=f"Use id:{value} or id:{others[0]}",
                )
            return student, uow.classes.get(student.class_id)


def find_class(uow: Reading, ref: str, *, acting: bool = False) -> SchoolClass:
    """The class that `ref` refers to, as `id:5`, `code:A1B2C`, `name:3A`, or a word.

    A word is a name, a code or an id; the first match in this order is used. A name means an
    archived class only if no other has it. `acting` refuses a word with more than one meaning, a
    bare id, a name that is only similar, and the name of an archived class. Raises NotFound,
    Refused(code="ambiguous_class").
    """
    known = class_words.meanings(ref, _all(uow))
    word = ref.strip()
    kind, _ = class_words.split(ref)
    if not known.all:
        raise no_class(word)
    found = known.live
    if not found.all:
        if acting:
            raise _archived(word, known.all)
        found = known
    if acting:
        return _unambiguous(word, found, explicit=kind == class_words.ID)
    likeliest = next(filter(None, (found.named, found.coded, found.numbered, found.alike)))
    if len(likeliest) > 1:
        raise _ambiguous(word, likeliest)
    return likeliest[0]


def no_student(word: object) -> NotFound:
    return NotFound(f"there is no student {word}", hint="See: neuroplay student list")


def missing_student(uow: Reading, word: object, student_id: int | None) -> NotFound:
    """The error for an operator's `word` that means no student, or one who is another by now."""
    into = None if student_id is None else uow.students.merged_into(student_id)
    if into is None:
        return no_student(word)
    return NotFound(f"student {word} was merged with student {into}", hint=f"Use {into}")


def no_class(word: str) -> NotFound:
    return NotFound(f"there is no class {word!r}", hint="See: neuroplay class list")


def _unambiguous(word: str, found: class_words.Meanings, *, explicit: bool) -> SchoolClass:
    if len(found.all) > 1:
        raise _ambiguous(word, found.all)
    (one,) = found.all
    if found.named or found.coded or explicit:
        return one
    what = "only the id of" if found.numbered else "not quite the name of"
    raise Refused(
        f"{word!r} is {what} a class: {_label(one)}",
        code="ambiguous_class",
        hint=f"If you mean that one, use id:{one.class_id}",
    )


def _ambiguous(word: str, some: Sequence[SchoolClass]) -> Refused:
    listed = ", ".join(_label(one) for one in some[:MOST_NAMED])
    more = f" and {len(some) - MOST_NAMED} more" if len(some) > MOST_NAMED else ""
    return Refused(
        f"{word!r} may mean {len(some)} classes",
        code="ambiguous_class",
        hint=f"Use id:{some[0].class_id}, or another of: {listed}{more}",
    )


def check_open(one: SchoolClass) -> None:
    """Raise Refused(code="class_archived") if nobody can come into the class."""
    if one.is_archived:
        raise Refused(
            f"class {one.name} is archived: bring it back first",
            code="class_archived",
            hint=f"neuroplay class archive id:{one.class_id} --undo",
        )


def _archived(word: str, some: Sequence[SchoolClass]) -> Refused:
    return Refused(
        f"{word!r} is the name of an archived class: {_label(some[0])}",
        code="ambiguous_class",
        hint=f"If you mean that one, use id:{some[0].class_id}",
    )


def _label(one: SchoolClass) -> str:
    return f"{one.name} (id:{one.class_id}, code {one.code})"


def _all(uow: Reading) -> list[SchoolClass]:
    return [one for one, _ in uow.classes.all()]


def _waiting(uow: Reading, student_id: int) -> int:
    counts = uow.inbox.counts_of(student_id)
    return counts.pending + counts.failed + counts.held + counts.invalid + counts.conflict
