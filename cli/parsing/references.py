"""References to students on the command line: by id, `12` or `id:12`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from neuroplay.core.rules.class_words import ID, LARGEST_ID, as_id, split

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container


def student_word(text: str) -> str:
    """The text, if it has the form of a student's id. Raises BadParameter."""
    kind, value = split(text)
    if kind not in ("", ID) or as_id(value) is None:
        raise typer.BadParameter(
            f"{text!r} is not a student id (a number from 1); see: neuroplay student list"
        )
    return text.strip()


def student_id(text: str) -> int:
    """The id in a reference. Raises BadParameter."""
    number = as_id(split(student_word(text))[1])
    assert number is not None  # noqa: S101 - checked by student_word
    return number


def sure_student(container: Container, word: str) -> int:
    """The id of the student that a reference means unambiguously. Raises NotFound, Refused."""
    student, _ = container.find_student.execute(word)
    return student.student_id


def student_of(container: Container, word: str, *, acting: bool) -> int:
    """The id in a StudentFilter; with `acting`, only if it is unambiguous. Raises NotFound,
    Refused."""
    return sure_student(container, word) if acting else _filter(word)


def _filter_word(text: str) -> str:
    _filter(text)
    return text


def _filter(text: str) -> int:
    """The id of a filter. One that is too large finds nothing, and is not an error."""
    kind, value = split(text)
    if kind in ("", ID) and value.isascii() and value.isdigit() and int(value[:20]) > LARGEST_ID:
        return LARGEST_ID
    return student_id(text)


ClassRef = Annotated[str, typer.Argument(metavar="CLASS", help="Class name, code or id.")]
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
"""To be resolved by `student_of`, since a number may also be another child's nickname."""
