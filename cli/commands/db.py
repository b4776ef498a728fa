"""`neuroplay db`: the schema of the database."""

from __future__ import annotations

import typer

from cli.errors import NO, exit_with
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
        steps = migrations.pending(container.engine)
        if steps and not as_json:
            say(f"{len(steps)} to apply: {', '.join(map(str, steps))}")
        with progress("Migrating", total=len(steps) or None) as step:
            done = 0

            def applied(name: object) -> None:
                nonlocal done
                done += 1
                step(done, text=f"Migrating: {name}")
                if not as_json:
                    note(f"applied {name}")

            if steps:
                migrations.upgrade(container.engine, applied)
        after = migrations.current(container.engine)
    if as_json:
        print_json({"from": before, "to": after, "applied": [str(s) for s in steps]})
    elif steps:
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
        found = {
            "current": migrations.current(container.engine),
            "head": migrations.head(),
            "pending": [str(step) for step in migrations.pending(container.engine)],
        }
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
            typer.echo("Run: neuroplay db migrate", err=True)
    if found["pending"]:
        exit_with(NO)
