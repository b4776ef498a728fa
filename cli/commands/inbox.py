"""`neuroplay sync list | show | export`: read the inbox."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import statements
from cli.files.written import private_lines
from cli.output.errors import usage_error
from cli.output.inbox_items import Names, error_document, item_document, record_document
from cli.output.terminal import (
    Column,
    Json,
    counted,
    encode_json,
    flex,
    is_terminal,
    moment,
    note,
    pairs,
    plain,
    print_json,
    progress,
    right,
    say,
    table,
)
from cli.parsing.acting import Acting
from cli.parsing.inbox_options import Which
from cli.parsing.options import with_options
from cli.server.reach import system
from neuroplay.core.entities.actor import Operator
from neuroplay.core.rules.class_words import LARGEST_ID
from neuroplay.core.rules.session_record import played_at

if TYPE_CHECKING:
    from neuroplay.core.entities.sync_item import InboxItem
    from neuroplay.core.use_cases.inspect_sync import ItemHistory


@with_options(Which)
def list_items(
    *,
    which: Which,
    before: Annotated[
        int | None,
        typer.Option("--before", min=1, help="Next page: the value `next` from --json."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help="Maximum number of games.")
    ] = 50,
    as_json: Json = False,
) -> None:
    """List games in the inbox, newest first.

    Example:
        neuroplay sync list --state failed --state held --since 2d
        neuroplay sync list --student 12 --limit 200 --json
        neuroplay sync list --verdict mismatch
    """
    with system() as container:
        found = container.list_sync.execute(
            which.resolve(container),
            before=None if before is None else min(before, LARGEST_ID),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        names = container.list_sync.names(page)
    following = page[-1].inbox_id if more else None
    if as_json:
        print_json({"items": [item_document(item, names) for item in page], "next": following})
        return
    _show_page(page, names, following)


def show(
    ref: Annotated[str, typer.Argument(metavar="ID", help="A session id or an inbox number.")],
    as_json: Json = False,
) -> None:
    """Show everything known about one game.

    Prints the record as sent, every attempt, the result, and the request id to search for in the
    logs.

    Example:
        neuroplay sync show 0190b0a5-0000-7000-8000-000000000001
        neuroplay sync show 1234 --json
    """
    with system() as container:
        found = container.show_sync.execute(ref)
    if as_json:
        print_json({"items": [_whole(one) for one in found]})
        return
    for place, one in enumerate(found):
        if place:
            say()
        _show_whole(one)


@with_options(Which)
def export(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Output file. Default: stdout.")
    ] = None,
    *,
    which: Which,
    format: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="records, or xapi: counted games as statements."
        ),
    ] = "records",
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Export records as JSON Lines, newest first.

    `sync check` reads this format. With --json each line is the whole inbox item. With --format
    xapi each line is a statement about a game that counted, for a learning record store; those of
    children whose play is made up, as of the demo class, are left out.

    Example:
        neuroplay sync export --state invalid --since 7d --out invalid.jsonl
        neuroplay sync export --student 12 --json
        neuroplay sync export --format xapi --class 3A --since 31d --out statements.jsonl
    """
    if format not in ("records", "xapi"):
        raise usage_error(
            f"--format: unknown format {format!r}", hint="Choose one of: records, xapi"
        )
    if format == "xapi":
        statements.export(which, out, by=Operator(who), as_json=as_json)
        return
    with system() as container, progress("Reading") as step:
        count, wanted = 0, which.resolve(container)
        container.note_export.execute(
            "records exported",
            student_id=wanted.student_id,
            class_id=wanted.class_id,
            by=Operator(who),
        )
        with private_lines(out) if out is not None else nullcontext(typer.echo) as write:
            for page in container.list_sync.pages(wanted):
                names = container.list_sync.names(page)
                for item in page:
                    document = record_document(item, names) if as_json else dict(item.payload)
                    write(encode_json(document, indent=None))
                count += len(page)
                step(text=f"Reading: {counted(count, 'record')}")
    if out is not None:
        note(f"{counted(count, 'record')} in {out}")


def _show_page(page: list[InboxItem], names: Names, following: int | None) -> None:
    if not page:
        say("No games.")
        return
    table(
        [
            right("INBOX"),
            flex("CHILD"),
            flex("CLASS"),
            "GAME",
            right("SCORE"),
            "PLAYED",
            "STATE",
            Column(name="SESSION", wide=True),
            right("STUDENT", wide=True),
            Column(name="RECEIVED", wide=True),
            right("TRIES", wide=True),
            Column(name="REASON", flex=True, below=True),
        ],
        [
            (
                i.inbox_id,
                *names.get(i.student_id, (None, None)),
                _short(i.payload.get("game_type")),
                _short(i.payload.get("score")),
                moment(played_at(i)),
                i.state,
                i.session_id or f"none (inbox {i.inbox_id})",
                i.student_id,
                moment(i.received_at),
                i.attempts,
                i.last_error_code or ", ".join(i.reasons),
            )
            for i in page
        ],
    )
    if following is not None:
        note(f"Next page: add --before {following}")


def _short(sent: Any) -> Any:
    """A value of a record, which may be anything; on a terminal truncated to 16 characters."""
    text = plain(sent)
    return f"{text[:15]}…" if is_terminal() and len(text) > 16 else text


def _whole(one: ItemHistory) -> dict[str, Any]:
    return {
        **record_document(one.item, one.names),
        "clock_shift_s": one.item.clock_shift_s,
        "payload_hash": one.item.payload_hash.hex(),
        "tries": [
            {
                "at": attempt.at,
                "state": str(attempt.state),
                "error": error_document(attempt.error_code, attempt.error),
                "reasons": list(attempt.reasons),
                "release": attempt.release,
                "who": attempt.who,
            }
            for attempt in one.attempts
        ],
        "decisions": [asdict(decision) for decision in one.decisions],
        "result": None if one.result is None else asdict(one.result),
    }


def _show_whole(one: ItemHistory) -> None:
    item, result = one.item, one.result
    _section(f"Game {item.inbox_id}: {item.state}", _about(one))
    if one.decisions:
        _heading("Decisions")
        for decision in one.decisions:
            say(f"  {plain(decision.at)}  {plain(decision.what)} by {plain(decision.who)}")
            say(f"    {plain(decision.reason)}")
    if one.attempts:
        _heading("Attempts")
        table(
            ["TIME", "BY", "STATE", Column(name="REASON", flex=True, below=True)],
            [
                (a.at, a.who or "worker", a.state, a.error or ", ".join(a.reasons))
                for a in one.attempts
            ],
        )
    if result is not None:
        rows = [("outcome", f"{result.xp_gained} XP, {result.rating}, {result.verdict}")]
        if result.verify_reasons:
            rows.append(("verification", ", ".join(result.verify_reasons)))
        if result.achievements:
            rows.append(("achievements", ", ".join(result.achievements)))
        say()
        _section("Result", rows)
    rows = [
        ("session", plain(item.session_id)),
        ("device", plain(item.device_id)),
        ("request id", plain(item.request_id)),
        ("release", plain(item.release)),
        ("clock shift", f"{item.clock_shift_s:.1f} s"),
    ]
    say()
    _section("Identifiers", rows)
    _heading("Record")
    for line in encode_json(dict(item.payload), indent=2).splitlines():
        say(plain(line))


def _about(one: ItemHistory) -> list[tuple[str, Any]]:
    item, record = one.item, one.item.payload
    nickname, class_name = one.names.get(item.student_id, ("-", "-"))
    rows: list[tuple[str, Any]] = [
        ("child", f"{nickname} (student {item.student_id})"),
        ("class", class_name),
        ("game", record.get("game_type")),
        ("score", record.get("score")),
        ("played", played_at(item)),
        ("received", item.received_at),
        ("tries", item.attempts),
    ]
    if item.next_try_at is not None:
        rows.append(("next try", item.next_try_at))
    if item.processed_at is not None:
        rows.append(("processed", item.processed_at))
    if item.last_error_code is not None:
        rows.append(("error", f"{item.last_error_code}: {item.last_error}"))
    if item.reasons:
        rows.append(("reasons", ", ".join(item.reasons)))
    return rows


def _section(title: str, rows: list[tuple[str, Any]]) -> None:
    say(title, style={"bold": True})
    pairs(rows, indent=2)


def _heading(title: str) -> None:
    say()
    say(title, style={"bold": True})
