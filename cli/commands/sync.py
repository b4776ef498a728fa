"""`neuroplay sync`: where every finished game is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.commands import replays, tablets
from cli.errors import NO, exit_with, usage_error
from cli.lazy import App
from cli.reach import system
from cli.references import OnlyStudent
from cli.session_records import Judged, judge_lines
from cli.terminal import (
    Column,
    Json,
    duration,
    is_terminal,
    moment,
    note,
    pairs,
    plain,
    print_json,
    print_json_line,
    progress,
    say,
    table,
)
from cli.when import point_in_time
from neuroplay.core.rules.class_words import LARGEST_ID

app = App(help="See where every finished game is.")
app.command("show")(replays.show)
app.command("replay")(replays.replay)
app.command("approve")(replays.approve)
app.command("reject")(replays.reject)
app.command("dismiss")(replays.dismiss)
app.command("export")(replays.export)
app.command("devices")(tablets.devices)
app.command("import")(tablets.import_files)

VERDICTS = ("plausible", "verified", "mismatch", "approved")

STATES = (
    *("pending", "processed", "failed", "held", "invalid", "conflict", "rejected"),
    "dismissed",
)


@app.command()
def status(as_json: Json = False) -> None:
    """Count the inbox by state, and say how long the oldest game has been waiting.

    Example:
        neuroplay sync status
        neuroplay sync status --json
    """
    with system() as container:
        counts = dict(container.sync_status.execute())
    if as_json:
        print_json(counts)
        return
    oldest, errors, recent = (counts.pop(name) for name in ("oldest_pending_s", "errors", "recent"))
    span = duration(recent["seconds"])
    pairs(
        [
            *counts.items(),
            ("oldest waits", duration(oldest)),
            (f"last {span}", f"{recent['received']} came, {recent['processed']} are processed"),
        ]
    )
    if errors:
        say()
        table(
            ["NOT PROCESSED BECAUSE OF", Column(name="GAMES", right=True)], sorted(errors.items())
        )


@app.command("list")
def list_items(
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help=f"Only this state ({', '.join(STATES)}); may be repeated."),
    ] = None,
    student: OnlyStudent = None,
    school_class: Annotated[
        str | None,
        typer.Option("--class", metavar="CLASS", help="Only this class (name, code or id)."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Received at or after: 2h, 3d, 2026-11-20."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Received before.")
    ] = None,
    played_since: Annotated[
        str | None,
        typer.Option("--played-since", metavar="TIME", help="Played at or after."),
    ] = None,
    error: Annotated[
        str | None, typer.Option("--error", metavar="CODE", help="Only with this error code.")
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="UUID", help="Only from this device.")
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option(
            "--verdict",
            help="Only counted ones that are plausible, verified, mismatch or approved.",
        ),
    ] = None,
    before: Annotated[
        int | None,
        typer.Option("--before", min=1, help="The next page: `next` of --json."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Items at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List what lies in the inbox, newest first.

    Example:
        neuroplay sync list --state failed --state held --since 2d
        neuroplay sync list --student 12 --limit 200 --json
        neuroplay sync list --verdict mismatch
    """
    with system() as container:
        found = container.list_sync.execute(
            states=[known_state(name) for name in state or ()],
            student_id=student,
            class_ref=school_class,
            since=point_in_time(since, option="--since"),
            until=point_in_time(until, option="--until"),
            played_since=point_in_time(played_since, option="--played-since"),
            error=error,
            device_id=device_id(device),
            verdict=_known_verdict(verdict),
            before=None if before is None else min(before, LARGEST_ID),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        names = container.list_sync.names(page)
    following = page[-1].inbox_id if more else None
    if as_json:
        print_json({"items": [item_document(item, names) for item in page], "next": following})
        return
    _show(page, names, following)


@app.command()
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="Session records, one JSON object a line; - is stdin."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Judge session records by the rules of this release; nothing is stored.

    Ends with 1 when any record is held or invalid. A line that is no JSON object is invalid, and
    its number is named. With --json, a document a line.

    Example:
        neuroplay sync check sessions.jsonl
        neuroplay sync check sessions.jsonl --json | grep held
    """
    tally: dict[str, int] = {}
    with system() as container, progress(f"Checking {file}") as step:
        for judged in judge_lines(file, container.check_sessions.execute):
            tally[judged.verdict] = tally.get(judged.verdict, 0) + 1
            step(text=f"Checking {file}: {sum(tally.values())} records")
            _show_judged(judged, as_json)
    if not as_json:
        total = sum(tally.values())
        counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(tally.items()))
        say(f"{total} {'record' if total == 1 else 'records'}" + (f": {counted}" if total else ""))
    if tally.get("held") or tally.get("invalid"):
        exit_with(NO)


def _show_judged(judged: Judged, as_json: bool) -> None:
    if as_json:
        print_json_line(judged.as_json())
    elif judged.verdict in ("held", "invalid"):
        who = "" if judged.session_id is None else f"{plain(judged.session_id)}: "
        why = "; ".join(reason.removeprefix(f"line {judged.line}: ") for reason in judged.reasons)
        say(f"line {judged.line}: {judged.verdict}: {who}{plain(why)}")


def _known_verdict(name: str | None) -> str | None:
    if name not in (None, *VERDICTS):
        raise usage_error(
            f"--verdict: there is no verdict {name!r}", hint=f"It is one of: {', '.join(VERDICTS)}"
        )
    return name


def known_state(name: str) -> Any:
    from neuroplay.core.entities.sync_item import InboxState

    try:
        return InboxState(name)
    except ValueError:
        raise usage_error(
            f"--state: there is no state {name!r}", hint=f"It is one of: {', '.join(STATES)}"
        ) from None


def device_id(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise usage_error(
            f"--device: {text!r} is no UUID",
            hint="See the DEVICE column of: neuroplay sync list --json",
        ) from None


Names = Mapping[int, tuple[str, str]]
"""Nickname and class by student id."""


def item_document(item: Any, names: Names) -> dict[str, Any]:
    from neuroplay.core.use_cases.inspect_sync import played_at

    nickname, class_name = names.get(item.student_id, (None, None))
    return {
        "inbox_id": item.inbox_id,
        "session_id": item.session_id,
        "student_id": item.student_id,
        "device_id": item.device_id,
        "state": str(item.state),
        "nickname": nickname,
        "class_name": class_name,
        "game_type": item.payload.get("game_type"),
        "score": item.payload.get("score"),
        "duration_s": item.payload.get("duration"),
        "played_at": played_at(item),
        "received_at": item.received_at,
        "processed_at": item.processed_at,
        "attempts": item.attempts,
        "next_try_at": item.next_try_at,
        "error": None
        if item.last_error_code is None
        else {"code": item.last_error_code, "message": item.last_error},
        "reasons": list(item.reasons),
        "release": item.release,
        "request_id": item.request_id,
    }


def game_in_words(item: Any, names: Names) -> str:
    """`1234: cyber_runner of Ana, 3A, 2026-11-25, held`."""
    from neuroplay.core.use_cases.inspect_sync import played_at

    nickname, class_name = names.get(item.student_id, ("-", "-"))
    played = played_at(item)
    day = "-" if played is None else f"{played:%Y-%m-%d}"
    game = plain(item.payload.get("game_type"))[:30]
    return f"{item.inbox_id}: {game} of {plain(nickname)}, {plain(class_name)}, {day}, {item.state}"


def _show(page: list[Any], names: Names, following: int | None) -> None:
    from neuroplay.core.use_cases.inspect_sync import played_at

    if not page:
        say("Nothing here.")
        return
    table(
        [
            Column(name="INBOX", right=True),
            Column(name="CHILD", flex=True),
            Column(name="CLASS", flex=True),
            "GAME",
            Column(name="SCORE", right=True),
            "PLAYED",
            "STATE",
            Column(name="SESSION", wide=True),
            Column(name="STUDENT", right=True, wide=True),
            Column(name="RECEIVED", wide=True),
            Column(name="TRIES", right=True, wide=True),
            Column(name="WHY", flex=True, below=True),
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
        note(f"More: add --before {following}")


def _short(sent: Any) -> Any:
    """A value of a record, which may be anything; on a terminal it must not push the others out."""
    text = plain(sent)
    return f"{text[:15]}…" if is_terminal() and len(text) > 16 else text
