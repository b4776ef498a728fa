"""`neuroplay class rename`, `class archive` and `class export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.files.written import file_name, write_private
from cli.output.clashes import clash_note
from cli.output.terminal import Json, answer, counted, note, plain
from cli.parsing.acting import Acting
from cli.parsing.references import ClassRef
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.student import SchoolClass


def rename(
    class_ref: ClassRef,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new name, such as 4A.")],
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Rename a class.

    Its code stays, so the cards need not be printed again. A name that could mean two classes is
    refused, and so is a bare id: write id:5.

    Example:
        neuroplay class rename 3A 4A
        neuroplay class rename id:5 "3A afternoon" --as "Prof. Ana"
    """
    with system() as container:
        one = container.change_class.execute(class_ref, {"name": name}, by=Operator(who))
        if warning := clash_note(container, one):
            note(warning)
    answer(class_json(one), f"The class is now called {plain(one.name)}.", as_json=as_json)


def archive(
    class_ref: ClassRef,
    undo: Annotated[bool, typer.Option("--undo", help="Bring an archived class back.")] = False,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Archive a class at the end of its year.

    It is no longer listed, has no leaderboard, and its cards give no new sign-in. Nothing is
    removed: tablets that are signed in still send their games, and these count. Its name is free
    for a class of the next year; write id:5 or code:7K2MN for the archived one. To keep a copy,
    see: class export.

    Example:
        neuroplay class archive 3A
        neuroplay class archive id:5 --undo
    """
    with system() as container:
        one = container.archive_class.execute(class_ref, not undo, by=Operator(who))
    text = (
        f"Class {plain(one.name)} is archived. To bring it back: neuroplay class archive "
        f"id:{one.class_id} --undo"
        if one.is_archived
        else f"Class {plain(one.name)} is back."
    )
    answer({**class_json(one), "archived_at": one.archived_at}, text, as_json=as_json)


def export(
    class_ref: ClassRef,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.zip", help="Output file. Default: class-NAME.zip."),
    ] = None,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Export what the children of a class played, as tables and JSON.

    The ZIP file has children.csv, sessions.csv and days.csv, which Excel, LibreOffice and Google
    Sheets open, and class.json with all of it. Text that a spreadsheet would take for a formula
    has an apostrophe before it. Only you can read the file. Games that are held or that no tablet
    has sent yet are not in it; see: sync list --class, sync devices --class.

    Example:
        neuroplay class export 3A
        neuroplay class export 3A --out /media/usb/3A-2026.zip
    """
    from neuroplay.class_export import class_export_zip

    with system() as container:
        found = container.export_class.execute(class_ref, by=Operator(who))
    one = found.school_class
    target = out or Path(f"class-{file_name(one.name)}.zip")
    write_private(target, class_export_zip(found))
    games = sum(len(each.sessions) for each in found.students)
    answer(
        {**class_json(one), "file": str(target), "students": len(found.students), "games": games},
        f"Exported {counted(len(found.students), 'student')} and {counted(games, 'game')} "
        f"to {target}.",
        as_json=as_json,
    )


def class_json(one: SchoolClass) -> dict[str, Any]:
    return {"class": {"id": one.class_id, "name": one.name, "code": one.code}}
