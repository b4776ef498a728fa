"""`neuroplay privacy`: what is stored, why and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output.terminal import (
    Json,
    flex,
    moment,
    note,
    pairs,
    print_json,
    progress,
    right,
    say,
    table,
)
from cli.parsing.lazy import App
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.operation.privacy import Purpose, StoredData

app = App(help="Show what is stored, why and for how long.")


@app.callback()
def privacy() -> None:
    """Show what is stored, why and for how long."""


@app.command()
def report(as_json: Json = False) -> None:
    """Show what this installation stores, about whom, why and for how long.

    Counts every table, so it takes some seconds on a large database. With --json it also has every
    column with its purpose, for a record of processing activities. Contains nothing about any
    child. What lies outside of the database is listed, and not counted.

    Example:
        neuroplay privacy report
        neuroplay privacy report --json > stored.json
    """
    from neuroplay.bootstrap import now
    from neuroplay.operation import privacy as stored
    from neuroplay.operation import schema

    with system() as container, progress("Counting"):
        revision = schema.look(container).current
        found = stored.look(container)
    if as_json:
        print_json({"at": now(), "schema": revision, **_document(found)})
        return
    table(
        ["TABLE", right("ROWS"), "OLDEST", "ABOUT", flex("KEPT")],
        [
            (one.name, stock.rows, moment(stock.oldest), one.purpose.about, one.purpose.kept)
            for one in found.tables
            if (stock := found.stock[one.name])
        ],
    )
    say()
    pairs((name, "never" if it is None else it) for name, it in found.retention.items())
    for one in found.exceptions:
        note(f"Class {one.class_id} has times of its own: neuroplay class list --json")
    say()
    table(
        ["ELSEWHERE", flex("WHAT"), flex("KEPT")],
        [(place.name, place.what, place.kept) for place in found.elsewhere],
    )
    note("docs/privacy.md says what each column is for, and what a school has to do itself.")


def _document(found: StoredData) -> dict[str, Any]:
    return {
        "retention": found.retention,
        "exceptions": [
            {
                "class_id": one.class_id,
                "trace_days": one.trace_days,
                "raw_days": one.raw_days,
                "keep_months": one.keep_months,
            }
            for one in found.exceptions
        ],
        "tables": [
            {
                "name": one.name,
                "rows": found.stock[one.name].rows,
                "oldest": found.stock[one.name].oldest,
                **_purpose(one.purpose),
                "columns": [
                    {"name": column.name, "type": column.kind, **_purpose(column.purpose)}
                    for column in one.columns
                ],
            }
            for one in found.tables
        ],
        "elsewhere": [
            {"name": place.name, "where": place.where, "what": place.what, "kept": place.kept}
            for place in found.elsewhere
        ],
    }


def _purpose(purpose: Purpose) -> dict[str, str]:
    return {
        "what": purpose.what,
        "about": purpose.about,
        "why": purpose.why,
        "kept": purpose.kept,
    }
