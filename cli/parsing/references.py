"""Students as people name them on a command line: by id, `12` or `id:12`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from neuroplay.core.rules.class_words import ID, LARGEST_ID, as_id, split

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container


def student_word(text: str) -> str:
    """The word itself, where it may be a student's id; to be looked up. Raises BadParameter."""
    kind, value = split(text)
    if kind not in ("", ID) or as_id(value) is None:
        raise typer.BadParameter(
            f"{text!r} is not a student id (a number from 1); see: neuroplay student list"
        )
    return text.strip()


def student_id(text: str) -> int:
    """The id that a word says. Raises BadParameter."""
    number = as_id(split(student_word(text))[1])
    assert number is not None  # noqa: S101 - student_word has looked
    return number


def sure_student(container: Container, word: str) -> int:
    """The id of the student whom a word means for sure. Raises NotFound, Refused."""
    student, _ = container.find_student.execute(word)
    return student.student_id


def student_of(container: Container, word: str, *, acting: bool) -> int:
    """The id that a StudentFilter says; where something is to be done, for sure. Raises NotFound,
    Refused."""
    return sure_student(container, word) if acting else _filter(word)


def _filter_word(text: str) -> str:
    _filter(text)
    return text


def _filter(text: str) -> int:
    """A filter by an id that is too large finds nothing, which is no error."""
    kind, value = split(text)
    if kind in ("", ID) and value.isascii() and value.isdigit() and int(value[:20]) > LARGEST_ID:
        return LARGEST_ID
    return student_id(text)


StudentId = Annotated[
    int,
    typer.Argument(metavar="ID", parser=student_id, help="Student id; see: student list."),
]
StudentWord = Annotated[
    str,
    typer.Argument(metavar="ID", parser=student_word, help="Student id; see: student list."),
]
OnlyStudent = Annotated[
    int | None,
    typer.Option("--student", metavar="ID", parser=_filter, help="Only this student (id)."),
]

StudentFilter = Annotated[
    str | None,
    typer.Option("--student", metavar="ID", parser=_filter_word, help="Only this student (id)."),
]
"""To be looked up by student_of, since a number may be another child's nickname."""
