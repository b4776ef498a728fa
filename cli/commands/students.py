"""`neuroplay student`: students and their cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import student_life
from cli.commands.student_life import named, student_json
from cli.files.written import write_private
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    encode_json,
    flex,
    listing,
    pairs,
    plain,
    print_json,
    right,
    say,
    table,
)
from cli.paper.cards import fives
from cli.parsing.acting import Acting
from cli.parsing.lazy import App
from cli.parsing.references import StudentId, StudentWord
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator

if TYPE_CHECKING:
    from neuroplay.core.entities.student import SchoolClass, Student

app = App(help="Show, export and erase students; reset cards.")


@app.command("list")
def list_students(
    school_class: Annotated[
        str | None,
        typer.Option("--class", metavar="CLASS", help="Only this class (name, code or id)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List students by class.

    Example:
        neuroplay student list --class 3A
    """
    with system() as container:
        rows = [student_json(one) for one in container.list_students.execute(school_class)]
    listing(
        "students",
        rows,
        [
            (right("ID"), "id"),
            (flex("NICKNAME"), "nickname"),
            ("AVATAR", "avatar"),
            (right("CLASS"), "class_id"),
            (right("XP"), "xp"),
            (right("SESSIONS"), "sessions"),
        ],
        empty="No students.",
        as_json=as_json,
    )


@app.command()
def show(student: StudentId, who: Acting = "", as_json: Json = False) -> None:
    """Show a student's progress.

    Example:
        neuroplay student show 12
    """
    with system() as container:
        found = container.show_student.execute(student, by=Operator(who))
    if as_json:
        print_json(_progress_json(found))
    else:
        _show_progress(found)


@app.command("reset-card")
def reset_card(
    student: StudentWord, who: Acting = "", yes: Yes = False, as_json: Json = False
) -> None:
    """Replace a student's card.

    The old card and all its sign-ins stop working within 30 s. Games still on a tablet are sent
    once the child signs in with the new card.

    Example:
        neuroplay student reset-card 12
        neuroplay student reset-card 12 --yes --json
    """
    with system() as container:
        found, school_class = container.find_student.execute(student)
        name = named(found)
        confirm(
            f"Replace the card of {name}{_of(school_class)}? The old card will stop working.",
            yes=yes,
        )
        (made,) = container.reset_card.execute(
            found.student_id, seen_version=found.card_version, by=Operator(who)
        ).students
    answer(
        {**student_json(made.student), "card_code": made.card_code},
        f"New card for {name}: {fives(made.card_code)}",
        as_json=as_json,
    )


@app.command()
def export(
    student: StudentId,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.json", help="Output file. Default: stdout."),
    ] = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Export everything stored about a student as JSON.

    Example:
        neuroplay student export 12 --out 12.json
    """
    from neuroplay.family_export import export_document

    with system() as container:
        document = export_document(container.export_student.execute(student, by=Operator(who)))
    if out is None:
        print_json(document)
        return
    write_private(out, (encode_json(document, indent=2) + "\n").encode())
    answer(
        {"id": student, "file": str(out)}, f"Exported student {student} to {out}.", as_json=as_json
    )


@app.command()
def erase(student: StudentWord, who: Acting = "", yes: Yes = False, as_json: Json = False) -> None:
    """Erase a student permanently.

    Deletes progress, sessions, inbox items, devices and sign-ins after asking for confirmation.
    Tablets delete their copies when they are next online; copies in backups remain until the
    backups are deleted. A number that is also another child's nickname is refused even with --yes:
    write id:12.

    Example:
        neuroplay student export 12 --out 12.json
        neuroplay student erase 12
    """
    with system() as container:
        found, school_class = container.find_student.execute(student)
        confirm(_what_goes(found, school_class), yes=yes)
        removed = dict(container.erase_student.execute(found.student_id, by=Operator(who)).rows)
    if as_json:
        print_json({"id": found.student_id, "removed": removed})
    else:
        say(f"Erased {named(found)}.")
        pairs(removed.items())


def _progress_json(student: Student) -> dict[str, Any]:
    from neuroplay.core.rules.xp import level_for

    progress = student.progress
    return {
        **student_json(student),
        "level": level_for(progress.xp),
        "card_version": student.card_version,
        "created_at": student.created_at,
        "play_days": len(progress.play_days),
        "achievements": [
            {"id": name, "unlocked_at": at} for name, at in sorted(progress.achievements.items())
        ],
        "games": [
            {
                "game_type": game.game_type,
                "plays": game.plays,
                "best_score": game.best_score,
                "difficulty": game.difficulty,
                "last_ended_at": game.last_ended_at,
            }
            for game in progress.games.values()
        ],
    }


def _show_progress(student: Student) -> None:
    known = _progress_json(student)
    pairs(
        [
            ("student", known["id"]),
            ("nickname", known["nickname"]),
            ("avatar", known["avatar"]),
            ("class", known["class_id"]),
            ("level", known["level"]),
            ("XP", known["xp"]),
            ("sessions", known["sessions"]),
            ("days played", known["play_days"]),
            ("card", f"version {known['card_version']}"),
            ("badges", ", ".join(badge["id"] for badge in known["achievements"])),
        ]
    )
    if known["games"]:
        say()
        table(
            ["GAME", *map(right, ("PLAYS", "BEST", "DIFFICULTY")), "LAST"],
            [tuple(game.values()) for game in known["games"]],
        )


def _of(school_class: SchoolClass | None) -> str:
    return "" if school_class is None else f" of class {plain(school_class.name)}"


def _what_goes(student: Student, school_class: SchoolClass | None) -> str:
    progress = student.progress
    return (
        f"Permanently erase {named(student)}{_of(school_class)} with "
        f"{counted(progress.sessions, 'game')}, {progress.xp} XP and "
        f"{counted(len(progress.achievements), 'badge')}?"
    )


app.command("add")(student_life.add)
app.command("move")(student_life.move)
app.command("rename")(student_life.rename)
app.command("merge")(student_life.merge)
app.command("find")(student_life.find)
