"""`neuroplay audit`: who did what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.output.terminal import Json, flex, listing, moment, right
from cli.parsing.lazy import App
from cli.parsing.references import OnlyStudent
from cli.parsing.when import point_in_time
from cli.server.reach import system

app = App(help="Show who did what.")


@app.callback()
def group() -> None:
    """Show who did what."""


@app.command("list")
def list_entries(
    school_class: Annotated[
        str | None,
        typer.Option("--class", metavar="CLASS", help="Only this class and its students."),
    ] = None,
    student: OnlyStudent = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="At or after this time: 2h, 3d, 2026-11-20."),
    ] = None,
    author: Annotated[
        str, typer.Option("--who", metavar="NAME", help="Only by this person; a part is enough.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Number of entries.")] = 50,
    as_json: Json = False,
) -> None:
    """List what operators and adults did, newest first.

    After --as, the person for whom support acted is in brackets. Of an erased student only the
    number remains.

    Example:
        neuroplay audit list --class 3A --since 7d
        neuroplay audit list --who "Prof. Ana" --json
    """
    with system() as container:
        found = container.read_audit.execute(
            class_ref=school_class,
            student_id=student,
            since=point_in_time(since, option="--since"),
            who=author,
            limit=limit,
        )
    listing(
        "entries",
        [asdict(one) for one in found],
        [
            (right("ID"), "audit_id"),
            ("AT", lambda row: moment(row["at"])),
            (flex("WHO"), "who"),
            (flex("WHAT"), "what"),
            ("TARGET", "target"),
            (flex("DETAILS"), _details),
        ],
        empty="Nothing was done.",
        as_json=as_json,
    )


def _details(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row["details"].items())
