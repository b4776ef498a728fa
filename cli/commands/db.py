"""`neuroplay db`: schema, backups and restores."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files.written import writing
from cli.output.errors import CANNOT, NO, USAGE, CommandError, cannot, exit_with
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    note,
    pairs,
    print_json,
    progress,
    say,
)
from cli.parsing.lazy import App
from cli.parsing.references import OnlyStudent
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.operation.backups import Contents
    from neuroplay.operation.schema import Schema

app = App(help="Migrate, back up and restore the database.")


@app.command()
def migrate(as_json: Json = False) -> None:
    """Migrate the database to this release.

    Lists the steps first. Safe to repeat, and to run on two machines at once: one waits for the
    other. If the secret is set, the database records a mark of it, so that no other secret makes
    cards by mistake.

    Example:
        neuroplay db migrate
        DATABASE_URL=postgresql://neuroplay@db/neuroplay neuroplay db migrate --json
    """
    from neuroplay.operation import schema

    with system() as container:
        schema.check_database(container)
        before = schema.look(container)
        _refuse_newer(before)
        if not as_json:
            for planned in before.steps:
                say(f"to apply: {planned}")
        applied: list[schema.Step] = []
        with progress("Migrating", total=len(before.steps) or None) as step:

            def reached(done: schema.Step) -> None:
                applied.append(done)
                step(len(applied), text=f"Migrating: {done}")

            schema.migrate(container, before, reached)
        _keep_secret(container)
        after = schema.look(container).current
    answer(
        {"from": before.current, "to": after, "applied": [one.revision for one in applied]},
        f"The schema is {'now' if applied else 'up to date'} at {after}.",
        as_json=as_json,
    )


@app.command()
def status(as_json: Json = False) -> None:
    """Show the schema version and missing migrations.

    Exits with 1 if the schema is behind this release.

    Example:
        neuroplay db status
    """
    from neuroplay.operation import schema

    with system() as container:
        found = schema.look(container)
    if as_json:
        pending = [one.revision for one in found.steps]
        print_json({"current": found.current, "head": found.head, "pending": pending})
    else:
        pairs(
            [
                ("schema", found.current or "none"),
                ("this release", found.head),
                ("to apply", ", ".join(map(str, found.steps)) or "nothing"),
            ]
        )
        if found.steps:
            note("Run: neuroplay db migrate")
    _refuse_newer(found, code=NO)
    if found.steps:
        exit_with(NO)


@app.command()
def wait(
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, max=86400, help="Seconds to wait at most [600].")
    ] = 600.0,
    as_json: Json = False,
) -> None:
    """Wait until the database has this release's schema.

    For starting API, workers and beat while another machine runs `db migrate`. Also waits for a
    database that does not answer yet. Exits with 1 if the schema is still behind in the end, or if
    a later release has migrated it.

    Example:
        neuroplay db wait --timeout 60
    """
    from neuroplay.operation import schema

    with system() as container:
        found = schema.wait(container, timeout)
    _refuse_newer(found, code=NO)
    if found.steps:
        raise CommandError(
            f"after {timeout:g} s the schema is still at {found.current or 'none'}, and this "
            f"release needs {found.head}",
            hint="Run: neuroplay db migrate",
        )
    answer(
        {"current": found.current, "head": found.head},
        f"The schema is at {found.current}.",
        as_json=as_json,
    )


@app.command()
def backup(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Output file, or a folder for one named after the time."
        ),
    ],
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", metavar="N", min=1, help="Then remove all but the newest N of the folder."
        ),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Back up the whole database to a file.

    NeuroPlay may keep running. The file is a pg_dump archive that only you can read, since it
    contains the children's nicknames; its checksum is in FILE.sha256. Keep the server's secret
    with both: cards and sign-ins depend on it. Asks for confirmation before replacing a file.
    --keep removes only files that were named by this command, after the new one is complete.

    Example:
        neuroplay db backup /backups/neuroplay-2026-11-20.dump
        neuroplay db backup nightly.dump --yes --json
        neuroplay db backup /backups --keep 14
    """
    from neuroplay.bootstrap import now
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    if file.is_dir():
        file = backups.new_in(file, now())
    elif keep is not None:
        raise CommandError(f"--keep needs a folder, and {file} is none", code=USAGE)
    if file.exists() and not file.is_file():
        raise cannot(
            f"cannot write {file}: it is not a file", hint="Give a file name for the backup"
        )
    with (
        writing(file, hint="Nothing was changed"),
        backups.one_at_a_time(file),
        backups.readable(settings) as container,
    ):
        if file.exists():
            confirm(f"{file} exists. Replace it?", yes=yes)
        began = time.monotonic()
        revision = schema.look(container).current
        if revision is None:
            raise cannot("the database has no tables yet", hint="Run: neuroplay serve")
        with progress("Backing up") as step:
            written = backups.back_up(
                container.engine,
                file,
                progress=lambda size: step(text=f"Backing up: {_size(size)}"),
            )
        removed = [] if keep is None else backups.remove_old(file, keep=keep)
    secret = schema.place_of_secret(settings)
    answer(
        {
            "file": str(file),
            "bytes": written.size_bytes,
            "sha256": written.sha256,
            "schema": revision,
            "seconds": round(time.monotonic() - began, 2),
            "secret": secret,
            "removed": [str(one) for one in removed],
        },
        f"Backed up to {file} ({_size(written.size_bytes)})."
        + (f" Removed {counted(len(removed), 'older backup')}." if removed else ""),
        as_json=as_json,
    )
    if not as_json:
        note(f"Keep the secret with it ({secret}): without it, no card or sign-in works.")


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Backup written by `db backup`, or its folder.", exists=True
        ),
    ],
    as_json: Json = False,
) -> None:
    """Check that a backup can be restored here.

    Of a folder, the newest. Reads the whole file, without a database: its checksum, each table,
    the schema, and whether its cards and sign-ins belong to this installation's secret. Changes
    nothing. Exits with 1 if the file is damaged or belongs to another secret, with 3 if it is no
    backup or of a newer release.

    Example:
        neuroplay db verify /backups/neuroplay-2026-11-20.dump
        neuroplay db verify /backups --json
    """
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    if file.is_dir():
        found_there = backups.backups_in(file)
        if not found_there:
            raise CommandError(f"{file} contains no backup that `db backup {file}` made")
        file = found_there[-1]
    has_checksum = _check_file(file)
    with progress("Reading the backup", total=file.stat().st_size) as step:
        try:
            found = backups.read_through(file, progress=lambda size: step(size))
        except backups.BackupFailed as error:
            raise CommandError(
                f"{file} cannot be restored: {error.message}", hint="Use another backup"
            ) from None
    _refuse_newer_backup(found.revision)
    knows = schema.knows_secret(settings)
    problem = schema.secret_problem(settings, found.secret_mark) if knows else None
    if found.secret_mark is None:
        secret = "not recorded"  # noqa: S105 - not one
    else:
        secret = "unknown here" if not knows else "another one" if problem else "this one"
    read = found.contents
    document = {
        "file": str(file),
        "schema": found.revision,
        "students": read.students,
        "sessions": read.sessions,
        "pending": read.pending,
        "checksum": has_checksum,
        "secret": secret,
    }
    if as_json:
        print_json(document)
    else:
        waiting = f", {read.pending} pending" if read.pending else ""
        say(f"{file} can be restored: {_students_and_games(read)}{waiting}.")
        if found.revision != schema.head():
            note(f"Its schema is at {found.revision}; a restore is followed by a migration.")
        if not knows:
            note("There is no secret here to compare with. Keep the one that the backup needs.")
    if problem:
        note(f"It belongs to another secret: {problem.message}. {problem.hint}.")
        exit_with(NO)


@app.command()
def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Backup written by `db backup`.", exists=True)
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Replace the database with a backup.

    NeuroPlay must be stopped on every machine that uses the database. The restore is one
    transaction: if anything goes wrong, the database is unchanged. Asks for confirmation unless
    the database is empty. Tablets resend the games they still hold.

    Example:
        neuroplay stop
        neuroplay db restore /backups/neuroplay-2026-11-20.dump
        neuroplay serve
    """
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    _check_file(file)
    revision = backups.revision_of(file)
    _refuse_newer_backup(revision)
    began = time.monotonic()
    with backups.alone(settings) as container:
        if backups.holds_tables(container.engine):
            confirm(f"{_what_is_there(container)} Replace all of it with {file}?", yes=yes)
        total = file.stat().st_size
        with progress("Restoring", total=total) as step:
            backups.restore(container.engine, file, progress=lambda size: step(size))
        found = backups.contents(container.engine)
        mark = schema.secret_mark(container)
    answer(
        {
            "file": str(file),
            "schema": revision,
            "students": found.students,
            "sessions": found.sessions,
            "pending": found.pending,
            "seconds": round(time.monotonic() - began, 2),
        },
        f"Restored {_students_and_games(found)}.",
        as_json=as_json,
    )
    _say_what_follows(settings, revision)
    _compare_secret(settings, mark)


def _what_is_there(container: Container) -> str:
    """Describes what a restore would replace."""
    from neuroplay.operation import backups, schema
    from neuroplay.operation.running import without_password

    settings = container.settings
    where = (
        f"The embedded database of {settings.home}"
        if settings.embedded_database
        else f"The database {without_password(settings.database_url)}"
    )
    if schema.look(container).current is None:
        return f"{where} contains tables that do not belong to NeuroPlay."
    found = backups.contents(container.engine)
    waiting = f" and {found.pending} pending" if found.pending else ""
    return f"{where} contains {_students_and_games(found)}{waiting}."


def _students_and_games(found: Contents) -> str:
    return f"{counted(found.students, 'student')} with {counted(found.sessions, 'game')}"


def _refuse_newer_backup(revision: str) -> None:
    from neuroplay.operation import schema

    if revision > schema.head():
        raise cannot(
            f"the backup's schema is at {revision}, newer than {schema.head()} of this release",
            hint="Install the release that wrote it",
        )


def _check_file(file: Path) -> bool:
    """Whether the file has a checksum, which then holds."""
    from neuroplay.operation import backups

    backups.check_archive(file)
    with progress("Checking the file"):
        holds = backups.checksum_holds(file)
    if holds is None:
        note(f"The checksum was not verified: {backups.checksum_file(file).name} is missing")
    elif not holds:
        raise CommandError(
            f"{file} is damaged: its checksum differs",
            hint="Copy it again, or use another backup",
        )
    return holds is not None


def _say_what_follows(settings: Settings, revision: str) -> None:
    from neuroplay.operation import schema

    if revision != schema.head() and not settings.embedded_database:
        note("Its schema is behind this release. Run: neuroplay db migrate")
    if settings.embedded_database and not (
        settings.secret or settings.secret_file or (settings.home / "secret").exists()
    ):
        note(
            f"Before you run neuroplay serve, copy the secret that belongs to this backup to "
            f"{settings.home / 'secret'}. With a different secret, all cards are invalid"
        )


def _keep_secret(container: Container) -> None:
    """Record a mark of the secret in the database if the secret is known here. Prints a message if
    the database has the mark of another secret."""
    from neuroplay.core.errors import SettingsError
    from neuroplay.operation import schema

    try:
        schema.keep_known_secret(container)
    except SettingsError as error:
        note(f"{error.message}. {error.hint}.")


def _compare_secret(settings: Settings, mark: str | None) -> None:
    """Print a message if this secret does not belong to the backup."""
    from neuroplay.operation import schema

    if problem := schema.secret_problem(settings, mark):
        note(f"{problem.message}. {problem.hint}.")


def _size(size: int) -> str:
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _refuse_newer(found: Schema, *, code: int = CANNOT) -> None:
    if found.is_newer:
        raise CommandError(
            f"the database's schema is at {found.current}, newer than {found.head} of this release",
            hint="Install the release that migrated it",
            code=code,
        )


@app.command()
def recompute(
    student: OnlyStudent = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show differences without changing anything.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Recompute XP, levels and badges from the stored games.

    Corrects any difference; a healthy system has none. Locks each student for a moment, so workers
    may keep running. With --dry-run, exits with 1 if something differs.

    Example:
        neuroplay db recompute --dry-run
        neuroplay db recompute --student 12 --json
    """
    from cli.operator import operator

    found = []
    count = 0
    with system() as container, progress("Recomputing") as step:
        for count, student_id in enumerate(container.recompute.students(student), start=1):
            found += container.recompute.execute(student_id, correct=not dry_run, who=operator())
            step(text=f"Recomputing: {counted(count, 'student')}")
    if as_json:
        rows = [
            {
                "student_id": one.student_id,
                "what": one.what,
                "stored": str(one.stored),
                "counted": str(one.counted),
            }
            for one in found
        ]
        corrected = bool(rows) and not dry_run
        print_json(
            {
                "students": count,
                "differences": rows,
                "corrected": corrected,
                "mended": corrected,  # its name until 2.5; keys are never removed
            }
        )
    else:
        for one in found:
            say(
                f"student {one.student_id}: {one.what}: stored {one.stored}, computed {one.counted}"
            )
        done = "no difference" if not found else "not changed" if dry_run else "corrected"
        say(f"{counted(count, 'student')}: {done}")
    if found and dry_run:
        exit_with(NO)
