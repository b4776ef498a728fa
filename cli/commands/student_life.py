"""`neuroplay student add`, `move`, `rename`, `merge` and `find`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output.errors import usage_error
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    flex,
    listing,
    moment,
    note,
    plain,
    right,
)
from cli.paper.cards import fives
from cli.parsing.acting import Acting
from cli.parsing.languages import Language, known_language
from cli.parsing.references import ClassRef, StudentWord, student_word
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.rules.nicknames import AVATARS

if TYPE_CHECKING:
    from neuroplay.core.entities.student import SchoolClass, Student

Avatar = Annotated[
    str | None, typer.Option("--avatar", help=f"One of {', '.join(AVATARS)}.", metavar="ANIMAL")
]


def add(
    class_ref: ClassRef,
    nickname: Annotated[
        str | None,
        typer.Argument(metavar="[NICKNAME]", help="Nickname. Default: one is made."),
    ] = None,
    avatar: Avatar = None,
    language: Language = "pt-BR",
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Add a child to a class and show the card.

    Use a nickname, not a full name. It must be the only one in the class.

    Example:
        neuroplay student add 3A Caio
        neuroplay student add 3A "Caio B." --avatar owl --as "Prof. Ana"
    """
    with system() as container:
        (made,) = container.add_student.execute(
            class_ref, nickname, avatar=avatar, language=known_language(language), by=Operator(who)
        ).students
    student = made.student
    answer(
        {**student_json(student), "card_code": made.card_code},
        f"Added {named(student)}, card code {fives(made.card_code)}. Print the card: "
        f"neuroplay class cards id:{student.class_id} --student {student.student_id}",
        as_json=as_json,
    )


def move(
    student: StudentWord,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="Class name, code or id.")],
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Move a child to another class.

    Everything that was played stays, and tablets stay signed in. The card has the code of the
    class, so the old one no longer works for a new sign-in: print the new one.

    Example:
        neuroplay student move 12 --to 3B
        neuroplay student move id:12 --to id:7 --as "Prof. Ana"
    """
    with system() as container:
        found, _ = container.find_student.execute(student)
        moved, school_class = container.move_student.execute(found.student_id, to, by=Operator(who))
    name = plain(school_class.name)
    answer(
        {**student_json(moved), "class": name},
        f"{named(moved)} is in class {name}. Print the new card: neuroplay class cards "
        f"id:{moved.class_id} --student {moved.student_id}",
        as_json=as_json,
    )


def rename(
    student: StudentWord,
    nickname: Annotated[
        str | None,
        typer.Argument(metavar="[NICKNAME]", help="The new nickname. Default: unchanged."),
    ] = None,
    avatar: Avatar = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Give a child another nickname or avatar.

    The card stays valid. Tablets show the change when they next read the child's progress.

    Example:
        neuroplay student rename 12 "Ana Lu"
        neuroplay student rename 12 --avatar cat
    """
    if nickname is None and avatar is None:
        raise usage_error("say what to change: NICKNAME, --avatar")
    with system() as container:
        found, _ = container.find_student.execute(student)
        renamed, _ = container.rename_student.execute(
            found.student_id, nickname=nickname, avatar=avatar, by=Operator(who)
        )
    answer(
        student_json(renamed),
        f"Student {renamed.student_id} is {plain(renamed.nickname)}, with avatar {renamed.avatar}.",
        as_json=as_json,
    )


def merge(
    student: StudentWord,
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="ID", parser=student_word, help="The student who is left (id)."
        ),
    ],
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make one student of two that are the same child.

    All games of both count for the student who is left, with that nickname, class and card. The
    card of the other no longer works, but its tablets stay signed in and send what they still
    have. This cannot be undone: the question shows both children.

    Example:
        neuroplay student merge 12 --into 31
        neuroplay student merge id:12 --into id:31 --yes --as "Prof. Ana"
    """
    with system() as container:
        one, its_class = container.find_student.execute(student)
        other, other_class = container.find_student.execute(into)
        if one.student_id == other.student_id:
            raise usage_error("both ids are the same student's")
        confirm(
            f"Merge {_figures(one, its_class)} into {_figures(other, other_class)}? "
            "This cannot be undone.",
            yes=yes,
        )
        done = container.merge_students.execute(
            one.student_id, into=other.student_id, by=Operator(who)
        )
    progress = done.student.progress
    answer(
        {
            **student_json(done.student),
            "merged": student_json(done.merged),
            "before": student_json(done.before),
            "moved": dict(done.moved),
        },
        f"{named(done.student)} now has {counted(progress.sessions, 'game')} and {progress.xp} XP.",
        as_json=as_json,
    )


def find(
    word: Annotated[str, typer.Argument(metavar="WORD", help="Part of a nickname.")],
    as_json: Json = False,
) -> None:
    """Find children by a part of their nickname, in all classes.

    Capitals and accents do not matter. `HEARD` is when one of the child's tablets was last in
    contact, `UNSENT` how many games these had not sent then.

    Example:
        neuroplay student find ana
        neuroplay student find "raposa ve" --json
    """
    with system() as container:
        found = container.find_nicknames.execute(word)
    listing(
        "students",
        [
            {
                "id": one.student.student_id,
                "nickname": one.student.nickname,
                "class_id": one.school_class.class_id,
                "class": one.school_class.name,
                "archived": one.school_class.is_archived,
                "last_heard": one.last_heard,
                "unsent": one.unsent,
            }
            for one in found.students
        ],
        [
            (right("ID"), "id"),
            (flex("NICKNAME"), "nickname"),
            (flex("CLASS"), lambda row: row["class"] + (" (archived)" if row["archived"] else "")),
            ("HEARD", lambda row: moment(row["last_heard"])),
            (right("UNSENT"), "unsent"),
        ],
        empty="No child has such a nickname.",
        as_json=as_json,
    )
    if found.more:
        note(f"{counted(found.more, 'more child')} not shown. Type more of the nickname.")


def student_json(student: Student) -> dict[str, Any]:
    return {
        "id": student.student_id,
        "nickname": student.nickname,
        "avatar": student.avatar,
        "class_id": student.class_id,
        "xp": student.progress.xp,
        "sessions": student.progress.sessions,
    }


def named(student: Student) -> str:
    return f"{plain(student.nickname)} (student {student.student_id})"


def _figures(student: Student, school_class: SchoolClass | None) -> str:
    name = "no class" if school_class is None else f"class {plain(school_class.name)}"
    progress = student.progress
    return f"{named(student)}, {name}, {counted(progress.sessions, 'game')}, {progress.xp} XP"
