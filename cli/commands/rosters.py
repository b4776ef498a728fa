"""`neuroplay class import`, `update`, `imports` and `undo-import`: rosters of classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from cli.files.roster import read_source
from cli.output.clashes import clash_note
from cli.output.errors import usage_error
from cli.output.rosters import anything_to_do, counted_lines, note_preview, show_preview
from cli.output.terminal import (
    Json,
    Yes,
    confirm,
    counted,
    flex,
    listing,
    moment,
    note,
    plain,
    print_json,
    right,
    say,
    table,
)
from cli.paper.cards import fives
from cli.parsing.acting import Acting
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.entities.roster import Order

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.roster import RosterOptions, RosterPreview
    from neuroplay.core.entities.student import SchoolClass
    from neuroplay.core.use_cases.apply_roster import AppliedRoster
    from neuroplay.core.use_cases.undo_import import UndoneImport

SHOWN_CLASSES = 5
"""Names of classes in a line; the others are counted."""

RosterFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="CSV file or OneRoster zip; - reads stdin, as a paste."),
]
ClassRef = Annotated[str, typer.Argument(metavar="CLASS", help="Class name, code or id.")]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Such as utf-8 or windows-1252. Default: detected."),
]
NameOrder = Annotated[
    str | None,
    typer.Option("--order", help="Order of whole names: first-last or last-first."),
]
FullNames = Annotated[
    bool, typer.Option("--full-names", help="Store whole names instead of nicknames.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what each line becomes.")]


def import_roster(
    file: RosterFile,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="Name of the class, or which class of the file. Default: as the file says.",
        ),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Create another class even if one has the name.")
    ] = False,
    encoding: Encoding = None,
    order: NameOrder = None,
    full_names: FullNames = False,
    language: Annotated[
        str, typer.Option("--language", help="Has no effect; older scripts may use it.")
    ] = "pt-BR",
    dry_run: DryRun = False,
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Create classes from a roster, or update those of the same names.

    Imports the whole file, or nothing if a line is wrong. Reads CSV from Excel, LibreOffice and
    Google Sheets in Portuguese, English and Spanish, a paste from a sheet, and OneRoster 1.2 zips.
    A column of classes makes several classes; without one the class has the file's name.
    docs/rosters.md has examples.

    Whole names become first names, with an initial where two are alike. Imported again, a file adds
    nobody. If the file may be misunderstood, or a class exists already, the command shows what it
    read and asks for confirmation.

    Example:
        neuroplay class import 3A.csv --dry-run
        neuroplay class import school.csv
        neuroplay class import export.csv --name 3B --encoding mac-roman
    """
    if name is None and str(file) == "-":
        raise usage_error("a roster from stdin has no name", hint="Add --name NAME")
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise usage_error(
            f"--language: unknown language {language!r}", hint=f"Choose one of: {known}"
        )
    source = read_source(file, encoding)
    options = _options(order, full_names, encoding, class_name=name, new=new)
    with system() as container:
        preview = container.preview_roster.execute(None, source, options=options)
        if dry_run:
            show_preview(preview, as_json=as_json)
            raise typer.Exit(0 if preview.can_apply else 1)
        exists = any(one.school_class for one in preview.classes) and anything_to_do(preview)
        if preview.can_apply and (preview.doubts or exists):
            note_preview(preview)
            confirm("Import these children?", yes=yes)
        applied = container.apply_roster.execute(
            None, source, options=options, preview_id=preview.preview_id, by=Operator(who)
        )
        _warn_of_clashes(container, preview, applied)
    _tell_encoding(file, preview)
    _show_applied(applied, as_json=as_json)


def update(
    class_ref: ClassRef,
    file: RosterFile,
    encoding: Encoding = None,
    order: NameOrder = None,
    full_names: FullNames = False,
    gone_to: Annotated[
        str | None,
        typer.Option("--gone-to", metavar="CLASS", help="Move those who are gone to this class."),
    ] = None,
    dry_run: DryRun = False,
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Update a class from a newer roster.

    Shows who would be added, changed and gone, and asks for confirmation. Children are recognised
    by their registration number, else by their name, even if their nickname was changed here. Who
    is gone stays in the class, unless --gone-to names another; nobody is erased.

    Example:
        neuroplay class update 3A new.csv --dry-run
        neuroplay class update 3A new.csv --gone-to Left
    """
    source = read_source(file, encoding)
    options = _options(order, full_names, encoding)
    with system() as container:
        preview = container.preview_roster.execute(class_ref, source, options=options)
        if dry_run:
            show_preview(preview, as_json=as_json)
            raise typer.Exit(0 if preview.can_apply else 1)
        gone = preview.counts["gone"] if gone_to else 0
        if preview.can_apply and (anything_to_do(preview) or gone):
            note_preview(preview)
            confirm(f"Update class {plain(preview.classes[0].name)}?", yes=yes)
        applied = container.apply_roster.execute(
            class_ref,
            source,
            options=options,
            preview_id=preview.preview_id,
            gone_to=gone_to,
            by=Operator(who),
        )
    _tell_encoding(file, preview)
    _show_applied(applied, as_json=as_json)


def list_imports(
    class_ref: Annotated[
        str | None, typer.Argument(metavar="[CLASS]", help="Only imports of this class.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the imports of the last 30 days, newest first.

    Example:
        neuroplay class imports
        neuroplay class imports 3A
    """
    with system() as container:
        found = container.list_imports.execute(class_ref)
        names = {one.class_id: one.name for one, _ in container.list_classes.execute(archived=None)}
    rows = [
        {
            "id": one.import_id,
            "at": one.at,
            "who": one.who,
            "classes": [{"id": own, "name": names.get(own)} for own in one.class_ids],
            "counts": dict(one.counts),
            "undone_at": one.undone_at,
        }
        for one in found
    ]
    listing(
        "imports",
        rows,
        [
            (right("ID"), "id"),
            ("AT", lambda row: moment(row["at"])),
            ("WHO", "who"),
            (flex("CLASSES"), lambda row: _named([one["name"] for one in row["classes"]])),
            ("LINES", lambda row: counted_lines(row["counts"])),
            ("UNDONE", lambda row: moment(row["undone_at"]) if row["undone_at"] else ""),
        ],
        empty="No imports in the last 30 days.",
        as_json=as_json,
    )


def undo_import(
    import_id: Annotated[
        int, typer.Argument(metavar="IMPORT", min=1, help="Number, as in `class imports`.")
    ],
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Undo an import of the last 30 days.

    Erases the children whom it added and who never signed in or played. Those whom it renamed or
    moved go back, unless they were changed since. Others stay, and the command names them.

    Example:
        neuroplay class undo-import 12
    """
    with system() as container:
        one = container.list_imports.one(import_id)
        confirm(f"Undo import {import_id} ({counted_lines(one.counts)})?", yes=yes)
        undone = container.undo_import.execute(import_id, by=Operator(who))
    if as_json:
        print_json(_undone_json(undone))
        return
    say(
        f"Undid import {import_id}: erased {counted(undone.removed, 'student')}, "
        f"put {undone.back} back."
    )
    if undone.classes:
        say(f"Removed {_named(undone.classes)}.")
    for left in undone.left:
        say(f"{plain(left.nickname)} (id {left.student_id}) is left: {left.reason}")


def _undone_json(undone: UndoneImport) -> dict[str, Any]:
    return {
        "id": undone.import_id,
        "removed": undone.removed,
        "back": undone.back,
        "classes": list(undone.classes),
        "left": [
            {"id": one.student_id, "nickname": one.nickname, "reason": one.reason}
            for one in undone.left
        ],
    }


def _options(
    order: str | None,
    full_names: bool,
    encoding: str | None,
    *,
    class_name: str | None = None,
    new: bool = False,
) -> RosterOptions:
    from neuroplay.core.entities.roster import RosterOptions

    if order not in (None, *get_args(Order)):
        raise usage_error(f"--order: {order!r} is not first-last or last-first")
    return RosterOptions(
        order=cast("Order | None", order),
        full_names=full_names,
        encoding=encoding,
        class_name=class_name,
        new=new,
    )


def _tell_encoding(file: Path, preview: RosterPreview) -> None:
    if preview.guessed:
        note(f"{file} does not state its encoding; it was read as {preview.guessed}.")


def _warn_of_clashes(container: Container, preview: RosterPreview, applied: AppliedRoster) -> None:
    created = {one.name for one in preview.classes if one.school_class is None}
    for one in applied.classes:
        if one.name in created and (warning := clash_note(container, one)):
            note(warning)


def _show_applied(applied: AppliedRoster, *, as_json: bool) -> None:
    if as_json:
        print_json(_applied_json(applied))
        return
    names = _named([one.name for one in applied.classes])
    if applied.import_id is None:
        say(f"Nothing to do: {names} is as in the roster.")
        return
    say(f"Imported into {names}: {counted_lines(applied.counts)}.")
    if applied.added:
        of_class = {one.class_id: one for one in applied.classes}
        table(
            [right("ID"), flex("NICKNAME"), "AVATAR", "CLASS", "CARD CODE"],
            [
                (
                    one.student.student_id,
                    one.student.nickname,
                    one.student.avatar,
                    of_class[one.student.class_id].name,
                    fives(one.card_code),
                )
                for one in applied.added
            ],
        )
    for one in applied.classes[:SHOWN_CLASSES]:
        note(f"Print the cards of {plain(one.name)}: neuroplay class cards {one.code}")
    note(f"Undo within 30 days: neuroplay class undo-import {applied.import_id}")


def _applied_json(applied: AppliedRoster) -> dict[str, Any]:
    classes = [_class_json(one) for one in applied.classes]
    return {
        "import_id": applied.import_id,
        "class": classes[0] if len(classes) == 1 else None,
        "classes": classes,
        "counts": dict(applied.counts),
        "students": [
            {
                "id": one.student.student_id,
                "nickname": one.student.nickname,
                "card_code": one.card_code,
            }
            for one in applied.added
        ],
    }


def _class_json(one: SchoolClass) -> dict[str, Any]:
    return {"id": one.class_id, "name": one.name, "code": one.code}


def _named(names: Sequence[str | None]) -> str:
    """`3A, 3B and 12 more`."""
    known = [plain(one) if one else "(erased)" for one in names]
    more = len(known) - SHOWN_CLASSES
    return ", ".join(known[:SHOWN_CLASSES]) + (f" and {more} more" if more > 0 else "")
