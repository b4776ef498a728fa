"""`neuroplay db drill`; cli.commands.db has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.files.backup import IdentityFile, NoLedger, erased_since, examined, newest, opened
from cli.operator import operator
from cli.output.errors import NO, exit_with
from cli.output.restored import students_and_games
from cli.output.terminal import Json, counted, duration, note, pairs, print_json, progress, say

if TYPE_CHECKING:
    from neuroplay.operation.drills import Drill


def drill(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Backup written by `db backup`, or its folder.", exists=True
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Where to put the private database. Default: the system's temporary folder.",
        ),
    ] = None,
    no_ledger: NoLedger = False,
    identity: IdentityFile = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into a private database, and check it.

    Of a folder, the newest. NeuroPlay keeps running; nothing of it is changed. The backup is
    restored as by `db restore` into a database of its own, brought up to this release, and
    checked: XP, levels and badges follow from the games, every received game is in the books, and
    nobody who was erased came back. Then all of it is removed. Prints how many minutes of games
    would be lost if the database were lost now (RPO), and how long it takes until the backup can
    be served (RTO). A good drill is recorded; `doctor`, metrics and an alert tell its age.

    Example:
        neuroplay db drill /backups
        neuroplay db drill /backups --in /mnt/large --json
    """
    import tempfile

    from neuroplay.core.errors import NeuroPlayError
    from neuroplay.operation import drills
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    file = newest(file)
    head = examined(settings, file)
    known = erased_since(settings, file, no_ledger=no_ledger)
    place = folder or Path(tempfile.gettempdir())
    with progress("Drill") as step, opened(file, head, identity, place) as plain:
        found = drills.drill(
            settings,
            plain,
            erasures=known,
            folder=place,
            report=lambda text: step(text=text),
        )
    recorded = False
    if found.is_good:
        try:
            drills.record(settings, found, who=operator())
            recorded = True
        except NeuroPlayError as error:
            note(f"The drill was not recorded: {error.message}")
    if as_json:
        print_json({**_drill_json(file, found), "recorded": recorded})
    else:
        _show_drill(file, found)
    if not found.is_good:
        exit_with(NO)


def _drill_json(file: Path, found: Drill) -> dict[str, Any]:
    return {
        "file": str(file),
        "good": found.is_good,
        "schema": found.head.revision,
        "students": found.contents.students,
        "sessions": found.contents.sessions,
        "pending": found.contents.pending,
        "undecided": found.contents.undecided,
        "erased": found.erased,
        "differences": found.differences,
        "unbooked": found.unbooked,
        "returned": found.returned,
        "taken_at": found.head.taken_at,
        "rpo_seconds": round(found.rpo_s),
        "rto_seconds": round(found.rto_s, 2),
        "seconds": {step: round(seconds, 2) for step, seconds in found.seconds.items()},
    }


def _show_drill(file: Path, found: Drill) -> None:
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in found.seconds.items())
    say(f"{file} {'can be restored and is right' if found.is_good else 'is wrong'}.")
    pairs(
        [
            ("contents", students_and_games(found.contents)),
            ("erased again", counted(found.erased, "student")),
            ("wrong progress", counted(found.differences, "difference")),
            ("not in the books", counted(found.unbooked, "game")),
            ("came back", counted(found.returned, "erased student")),
            ("RPO", f"{duration(found.rpo_s)} (the backup is of {found.head.taken_at:%F %T} UTC)"),
            ("RTO", f"{found.rto_s:.1f} s (start, restore and migrate)"),
            ("steps", steps),
        ]
    )
