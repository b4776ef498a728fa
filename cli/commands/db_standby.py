"""`neuroplay db standby`, and `db restore` from the folder of one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files.backup import refuse_other_secret
from cli.output.errors import cannot, usage_error
from cli.output.restored import say_what_follows, students_and_games
from cli.output.terminal import Json, answer, confirm, counted, note, progress
from cli.parsing.when import point_in_time

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.operation.recovery import Source


def standby(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", help="On another disk or host. Default: NEUROPLAY_WAL_DIR."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep a copy of the database in a folder, and every change as it is made.

    Makes base backups, verifies them and removes old ones, and receives PostgreSQL's WAL without
    interruption. Runs until Ctrl-C, and goes on where it stopped. `neuroplay db restore FOLDER`
    makes a database of it again.

    For the embedded database set NEUROPLAY_WAL_DIR instead: `neuroplay serve` then runs this, and
    no game is acknowledged before the folder has it. For DATABASE_URL, run this on another host.
    Its role must be allowed to replicate, and nobody waits for the copy.

    Example:
        neuroplay db standby /mnt/standby
        DATABASE_URL=postgresql://standby@db/neuroplay neuroplay db standby /mnt/standby
    """
    from neuroplay.operation import standby as operation
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    place = folder or settings.wal_dir
    if place is None:
        raise usage_error("there is no folder", hint="Name one, or set NEUROPLAY_WAL_DIR")
    answer(
        {"folder": str(place)},
        f"Keeping a standby in {place}. Stop it with Ctrl-C",
        as_json=as_json,
    )
    operation.begin(settings)
    operation.keep(settings, place.absolute())


def restore_standby(
    settings: Settings,
    folder: Path,
    *,
    to: str | None,
    no_ledger: bool,
    any_secret: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """`neuroplay db restore FOLDER`."""
    from neuroplay.operation import backups, recovery

    moment = point_in_time(to, option="--to")
    if not settings.embedded_database:
        raise cannot(
            "a standby's folder is restored into the embedded database, and DATABASE_URL is set",
            hint="Unset it, or see docs/recovery.md for a database of your own",
        )
    if not any_secret:
        refuse_other_secret(settings, folder, recovery.secret_mark_at(folder, moment))
    began = time.monotonic()
    with recovery.opened(folder, moment) as source:
        # What was erased before the end of the WAL is erased in it.
        known = backups.erasures_for(settings, folder)
        if known is None and moment is not None and not no_ledger:
            raise cannot(
                f"there is no erasure ledger, neither {settings.erasure_ledger} nor in {folder}, "
                "so children who were erased would come back",
                hint="Put the ledger (erasures.txt) into the folder. If nobody was erased since "
                "then, add --no-ledger",
            )
        _confirm(settings, folder, source, yes=yes)
        with progress("Restoring") as step:
            found = recovery.recover(
                settings, source, to=moment, erasures=known or (), say=lambda t: step(text=t)
            )
    seconds = round(time.monotonic() - began, 2)
    answer(
        {
            "folder": str(folder),
            "base": source.bases[-1].name,
            "complete": source.gap_after is None,
            "schema": found.revision,
            "students": found.contents.students,
            "sessions": found.contents.sessions,
            "pending": found.contents.pending,
            "undecided": found.contents.undecided,
            "erased": found.erased,
            "aside": None if found.aside is None else str(found.aside),
            "seconds": seconds,
        },
        f"Restored {students_and_games(found.contents)} in {seconds:.0f} s."
        + (f" Erased {counted(found.erased, 'student')} again." if found.erased else ""),
        as_json=as_json,
    )
    if found.aside is not None:
        note(f"The database of before is in {found.aside}. Delete it when all is well")
    if found.revision is not None:
        say_what_follows(settings, found.revision, found.secret_mark)


def _confirm(settings: Settings, folder: Path, source: Source, *, yes: bool) -> None:
    if source.gap_after is not None:
        last = source.gap_after or "the base backup"
        question = (
            f"WAL is missing in {source.series.wal} after {last}; what was written later is lost. "
            "Restore what is there?"
        )
        if not yes:
            note("Look for the missing files first, for example in a copy of the folder")
        confirm(question, yes=yes)
    data = settings.home / "postgres" / "data"
    if data.exists():
        confirm(f"{data} exists. Put it aside and restore {folder}?", yes=yes)
