"""`neuroplay db`: schema, backups and restores."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands import db_backups, db_drill, db_standby
from cli.output.errors import CANNOT, NO, CommandError, exit_with
from cli.output.terminal import (
    Json,
    answer,
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


app.command()(db_backups.backup)
app.command()(db_backups.verify)
app.command()(db_backups.restore)
app.command("new-epoch")(db_backups.new_epoch)
app.command()(db_drill.drill)
app.command()(db_standby.standby)


def _keep_secret(container: Container) -> None:
    """Record a mark of the secret in the database if the secret is known here. Prints a message if
    the database has the mark of another secret."""
    from neuroplay.core.errors import SettingsError
    from neuroplay.operation import schema

    try:
        schema.keep_known_secret(container)
    except SettingsError as error:
        note(f"{error.message}. {error.hint}.")


def _refuse_newer(found: Schema, *, code: int = CANNOT) -> None:
    if found.is_newer:
        raise CommandError(
            f"the database's schema is at {found.current}, newer than {found.head} of this release",
            hint="Install the release that migrated it",
            code=code,
        )


@app.command()
def retain(
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show how much would go, without changing anything."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove what is not kept any longer, at once.

    Workers do this by themselves, a second at a time and every hour; this is for the first time
    after an upgrade, and to look first. Traces, records and old games go as NEUROPLAY_TRACE_DAYS,
    NEUROPLAY_RAW_DAYS and NEUROPLAY_KEEP_SESSIONS_MONTHS say, or as a class does. XP, levels and
    badges stay. NeuroPlay may keep running.

    Example:
        neuroplay db retain --dry-run
        neuroplay db retain --json
    """
    from neuroplay.core.entities.retention import Removed

    removed, began = Removed(), time.monotonic()
    label = "Looking for what is not kept" if dry_run else "Removing what is not kept"
    with system() as container, progress(label) as step:
        for done in container.retain.everything(dry_run=dry_run):
            removed += done.removed
            step(text=f"{label}: up to student {done.up_to}")
    traces, raw = counted(removed.traces, "trace"), counted(removed.raw, "record")
    folded = counted(removed.sessions, "game")
    answer(
        {
            "dry_run": dry_run,
            **asdict(removed),
            "seconds": round(time.monotonic() - began, 2),
        },
        f"{traces} and {raw} would go, and {folded} would be folded."
        if dry_run
        else f"Removed {traces} and {raw}, and folded {folded}.",
        as_json=as_json,
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
