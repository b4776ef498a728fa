"""`neuroplay sync`: find, replay, import and export games."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands import inbox, replays, tablets
from cli.files.session_records import judge_lines
from cli.output.errors import NO, exit_with
from cli.output.terminal import (
    Json,
    counted,
    duration,
    pairs,
    plain,
    print_json,
    print_json_line,
    progress,
    right,
    say,
    table,
)
from cli.parsing.lazy import App
from cli.server.reach import system

if TYPE_CHECKING:
    from neuroplay.core.use_cases.inspect_sync import JudgedRecord

app = App(help="Find, replay, import and export games.")


@app.command()
def status(as_json: Json = False) -> None:
    """Count games by state and show how long the oldest has been waiting.

    Example:
        neuroplay sync status
        neuroplay sync status --json
    """
    with system() as container:
        found = container.sync_status.execute()
    counts, recent = asdict(found.counts), found.recent
    if as_json:
        print_json({**counts, "errors": found.errors, "recent": asdict(recent)})
        return
    oldest, span = counts.pop("oldest_pending_s"), duration(recent.seconds)
    pairs(
        [
            *counts.items(),
            ("oldest pending", duration(oldest)),
            (f"last {span}", f"{recent.received} received, {recent.processed} processed"),
        ]
    )
    if found.errors:
        say()
        table(["ERROR", right("GAMES")], sorted(found.errors.items()))


@app.command()
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="Session records, one JSON object per line; - reads stdin."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Check session records against this release's rules.

    Stores nothing. Exits with 1 if a record is held or invalid. A line that is not a JSON object
    is invalid and is reported by number. With --json, prints one document per line.

    Example:
        neuroplay sync check sessions.jsonl
        neuroplay sync check sessions.jsonl --json | grep held
    """
    tally: Counter[str] = Counter()
    with system() as container, progress(f"Checking {file}") as step:
        for line, judged in judge_lines(file, container.check_sessions.execute):
            tally[judged.verdict] += 1
            step(text=f"Checking {file}: {tally.total()} records")
            if as_json:
                print_json_line(asdict(judged))
            else:
                _show_judged(line, judged)
    if not as_json:
        total = tally.total()
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(tally.items()))
        say(counted(total, "record") + (f": {counts}" if total else ""))
    if tally["held"] or tally["invalid"]:
        exit_with(NO)


def _show_judged(line: int, judged: JudgedRecord) -> None:
    if judged.verdict in ("held", "invalid"):
        who = "" if judged.session_id is None else f"{plain(judged.session_id)}: "
        why = "; ".join(reason.removeprefix(f"line {line}: ") for reason in judged.reasons)
        say(f"line {line}: {judged.verdict}: {who}{plain(why)}")


app.command("list")(inbox.list_items)
app.command("show")(inbox.show)
app.command("replay")(replays.replay)
app.command("approve")(replays.approve)
app.command("reject")(replays.reject)
app.command("dismiss")(replays.dismiss)
app.command("export")(inbox.export)
app.command("devices")(tablets.devices)
app.command("import")(tablets.import_files)
