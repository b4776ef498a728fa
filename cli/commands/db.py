"""`neuroplay db`: the schema of the database."""

from __future__ import annotations

from typing import Any

from cli.errors import CANNOT, NO, CommandError, exit_with
from cli.lazy import App
from cli.reach import system
from cli.terminal import Json, note, pairs, print_json, progress, say

app = App(help="Migrate the database, or show its schema.")


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database's schema up to this release.

    Shows the steps first. Safe to run twice, and from two machines at once: one waits for the
    other. A schema that is up to date is left alone.

    Example:
        neuroplay db migrate
        DATABASE_URL=postgresql://neuroplay@db/neuroplay neuroplay db migrate --json
    """
    from neuroplay.infra.db import migrations

    with system() as container:
        before = migrations.current(container.engine)
        _refuse_newer(before, migrations.head())
        steps = migrations.pending(container.engine)
        if not as_json:
            for planned in steps:
                say(f"to apply: {planned}")
        applied: list[migrations.Step] = []
        with progress("Migrating", total=len(steps) or None) as step:

            def reached(done: migrations.Step) -> None:
                applied.append(done)
                step(len(applied), text=f"Migrating: {done}")

            if steps:
                migrations.upgrade(container.engine, reached)
        after = migrations.current(container.engine)
    if as_json:
        print_json({"from": before, "to": after, "applied": [one.revision for one in applied]})
    elif applied:
        say(f"The schema is at {after}.")
    else:
        say(f"Nothing to do: the schema is at {after}.")


@app.command()
def status(as_json: Json = False) -> None:
    """Show the database's schema, and what `db migrate` would do.

    Ends with 1 when the schema is behind this release.

    Example:
        neuroplay db status
    """
    from neuroplay.infra.db import migrations

    with system() as container:
        found: dict[str, Any] = {
            "current": migrations.current(container.engine),
            "head": migrations.head(),
            "pending": [],
        }
        if not _newer(found["current"], found["head"]):
            found["pending"] = [one.revision for one in migrations.pending(container.engine)]
    if as_json:
        print_json(found)
    else:
        pairs(
            [
                ("schema", found["current"] or "none"),
                ("this release", found["head"]),
                ("to apply", ", ".join(found["pending"]) or "nothing"),
            ]
        )
        if found["pending"]:
            note("Run: neuroplay db migrate")
    _refuse_newer(found["current"], found["head"], code=NO)
    if found["pending"]:
        exit_with(NO)


def _newer(current: str | None, head: str) -> bool:
    """Whether a later release than this one migrated the database."""
    return current is not None and current > head


def _refuse_newer(current: str | None, head: str, *, code: int = CANNOT) -> None:
    if _newer(current, head):
        raise CommandError(
            f"the database's schema is at {current}, newer than {head} of this release",
            hint="Install the release that migrated it",
            code=code,
        )
