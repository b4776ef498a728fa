"""`neuroplay sync show | replay | approve | reject | dismiss | export`: putting items right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import NO, exit_with, usage_error
from cli.files import private_lines
from cli.operator import operator
from cli.reach import system
from cli.references import OnlyStudent, SureStudent, sure_student
from cli.terminal import (
    Column,
    Json,
    Yes,
    confirm,
    encode_json,
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

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.use_cases.replay_sync import Replayed, Selection

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID...]", help="Session ids or inbox numbers, as in: sync list."),
]
State = Annotated[
    list[str] | None, typer.Option("--state", help="Only this state; may be repeated.")
]
InClass = Annotated[
    str | None,
    typer.Option("--class", metavar="CLASS", help="Only this class (name, code or id)."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Received at or after: 2h, 3d, 2026-11-20."),
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Received before.")]
Error = Annotated[
    str | None, typer.Option("--error", metavar="CODE", help="Only with this error code.")
]
Device = Annotated[
    str | None, typer.Option("--device", metavar="UUID", help="Only from this device.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Run everything, change nothing, and show the result.")
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the decision.")
]

ASKED_ABOUT = 5
"""Games that a question names one by one."""

SHOWN = 100
"""Fates that are listed one by one without --json; the rest are counted."""


def show(
    ref: Annotated[str, typer.Argument(metavar="ID", help="A session id or an inbox number.")],
    as_json: Json = False,
) -> None:
    """Show all that is known of one game: the raw record, every try, the result, and the request
    id to look for in the logs.

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


def replay(
    ids: Ids = None,
    state: State = None,
    student: SureStudent = None,
    school_class: InClass = None,
    since: Since = None,
    until: Until = None,
    error: Error = None,
    device: Device = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take games that were not counted through the rules as they are now.

    Without ids and filters, everything that is failed, held, invalid or in conflict. Safe to run
    twice and while workers run: a game is never counted twice. Ends with 1 when items are still
    not counted.

    Example:
        neuroplay sync replay --state failed --since 2d --dry-run
        neuroplay sync replay 0190b0a5-0000-7000-8000-000000000001
        neuroplay sync replay --error internal --json
    """
    with system() as container:
        selection = _selection(
            container,
            ids,
            state=state,
            student=None if student is None else sure_student(container, student),
            school_class=None if school_class is None else _surely(container, school_class),
            since=since,
            until=until,
            error=error,
            device=device,
        )
        counts: Counter[str] = Counter()
        listed: list[Replayed] = []
        with progress("Replaying") as step:
            for done in container.replay_sync.replay(selection, who=operator(), dry_run=dry_run):
                counts.update(one.fate.value for one in done)
                step(text=f"Replaying: {sum(counts.values())} games")
                if as_json:
                    for one in done:
                        print_json_line(_fate(one))
                else:
                    listed += done[: max(SHOWN - len(listed), 0)]
    if not as_json:
        _show_fates(listed, counts, dry_run=dry_run)
    from neuroplay.core.use_cases.replay_sync import GOOD

    if any(fate not in {one.value for one in GOOD} for fate in counts):
        exit_with(NO)


def approve(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Session ids or inbox numbers.")
    ],
    reason: Reason,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Count held games as they are: you have looked, and believe them.

    Example:
        neuroplay sync approve 1234 --reason "the teacher saw it"
    """
    with system() as container:
        done = container.replay_sync.approve(
            _inbox_ids(container, ids), who=operator(), reason=reason, dry_run=dry_run
        )
    _end(done, as_json=as_json, dry_run=dry_run)


def reject(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Session ids or inbox numbers.")
    ],
    reason: Reason,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Leave held games uncounted for good. They are kept, with the reason.

    Example:
        neuroplay sync reject 1234 --reason "a test of the tablet" --yes
    """
    with system() as container:
        wanted = _inbox_ids(container, ids)
        confirm(f"Reject {_told(container, wanted)}?", yes=yes)
        done = container.replay_sync.reject(wanted, who=operator(), reason=reason)
    _end(done, as_json=as_json, dry_run=False)


def dismiss(
    reason: Reason,
    ids: Ids = None,
    state: State = None,
    student: SureStudent = None,
    school_class: InClass = None,
    since: Since = None,
    until: Until = None,
    error: Error = None,
    device: Device = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Close games that are not going to be counted: failed, invalid, in conflict or rejected ones.

    They are kept, with the reason, and `sync status` counts them apart. `sync replay ID` brings one
    back. Held games are decided with approve or reject.

    Example:
        neuroplay sync dismiss 1234 --reason "a test of the tablet"
        neuroplay sync dismiss --state invalid --device UUID --reason "somebody tried things" --yes
    """
    filters = (state, student, school_class, since, until, error, device)
    if not ids and all(one is None for one in filters):
        raise usage_error("say which games", hint="Give ids, or filters such as --state invalid")
    if not reason.strip():
        raise usage_error("--reason must say why")
    with system() as container:
        selection = _selection(
            container,
            ids,
            state=state,
            student=None if student is None else sure_student(container, student),
            school_class=None if school_class is None else _surely(container, school_class),
            since=since,
            until=until,
            error=error,
            device=device,
        )
        if not dry_run:
            selection = _those(container, selection)
            if selection.inbox_ids:
                confirm(f"Dismiss {_told(container, selection.inbox_ids)}?", yes=yes)
        chunks = container.replay_sync.dismiss(
            selection, who=operator(), reason=reason, dry_run=dry_run
        )
        nothing = not (dry_run or selection.inbox_ids)
        done = [] if nothing else [one for chunk in chunks for one in chunk]
    _end(done, as_json=as_json, dry_run=dry_run)


def export(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of stdout.")
    ] = None,
    state: State = None,
    student: OnlyStudent = None,
    school_class: InClass = None,
    since: Since = None,
    until: Until = None,
    error: Error = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Write the raw records as JSON Lines, newest first; `sync check` reads them.

    With --json each line has the item around its record.

    Example:
        neuroplay sync export --state invalid --since 7d --out invalid.jsonl
        neuroplay sync export --student 12 --json
    """
    with system() as container, progress("Reading") as step:
        selection = _selection(
            container,
            None,
            state=state,
            student=student,
            school_class=school_class,
            since=since,
            until=until,
            error=error,
            device=device,
        )
        count = 0
        with private_lines(out) if out is not None else nullcontext(typer.echo) as write:
            for count, (item, names) in enumerate(_all(container, selection), start=1):
                document = _item(item, names) if as_json else dict(item.payload)
                write(encode_json(document, indent=None))
                step(text=f"Reading: {count} records")
    if out is not None:
        note(f"{count} records in {out}")


def _all(container: Container, selection: Selection) -> Iterator[tuple[Any, Any]]:
    """Each item, with the names of a page's students."""
    before = None
    while True:
        page = container.list_sync.execute(
            states=selection.states,
            student_id=selection.student_id,
            class_ref=selection.class_ref,
            since=selection.since,
            until=selection.until,
            error=selection.error,
            device_id=selection.device_id,
            before=before,
            limit=500,
        )
        if not page:
            return
        names = container.list_sync.names(page)
        yield from ((item, names) for item in page)
        before = page[-1].inbox_id


def _selection(
    container: Container,
    ids: Sequence[str] | None,
    *,
    state: Sequence[str] | None,
    student: int | None,
    school_class: str | None,
    since: str | None,
    until: str | None,
    error: str | None,
    device: str | None,
) -> Selection:
    from cli.commands.sync import device_id, known_state
    from neuroplay.core.use_cases.replay_sync import Selection

    filters = (state, student, school_class, since, until, error, device)
    if ids and any(one is not None for one in filters):
        raise usage_error("ids and filters do not go together", hint="Give one or the other")
    return Selection(
        inbox_ids=_inbox_ids(container, ids) if ids else (),
        states=[known_state(name) for name in state or ()],
        student_id=student,
        class_ref=school_class,
        since=point_in_time(since, option="--since"),
        until=point_in_time(until, option="--until"),
        error=error,
        device_id=device_id(device),
    )


def _those(container: Container, selection: Selection) -> Selection:
    """The games that are selected now, and none that comes while somebody is asked about them."""
    from neuroplay.core.use_cases.replay_sync import DISMISSABLE, Selection

    if selection.inbox_ids:
        return selection
    wanted = replace(selection, states=selection.states or DISMISSABLE)
    return Selection(inbox_ids=[item.inbox_id for item, _ in _all(container, wanted)])


def _surely(container: Container, class_ref: str) -> str:
    """A class that the word means for sure, as one that every step of a replay reads alike."""
    return f"id:{container.find_class.one(class_ref).class_id}"


def _inbox_ids(container: Container, refs: Sequence[str]) -> list[int]:
    """Numbers of all items that are called so. Raises NotFound."""
    found = (container.show_sync.execute(ref) for ref in refs)
    return list(dict.fromkeys(one["item"].inbox_id for items in found for one in items))


def _told(container: Container, inbox_ids: Sequence[int]) -> str:
    """Which games a question is about: how many, and the first of them by child, class and day."""
    from cli.commands.sync import game_in_words

    some = [
        game_in_words(one["item"], one["names"])
        for inbox_id in inbox_ids[:ASKED_ABOUT]
        for one in container.show_sync.execute(str(inbox_id))
    ]
    count = f"{len(inbox_ids)} {'game' if len(inbox_ids) == 1 else 'games'}"
    more = f"; and {len(inbox_ids) - ASKED_ABOUT} more" if len(inbox_ids) > ASKED_ABOUT else ""
    return f"{count} ({'; '.join(some)}{more})"


def _end(done: Sequence[Replayed], *, as_json: bool, dry_run: bool) -> None:
    from neuroplay.core.use_cases.replay_sync import GOOD

    counts = Counter(one.fate.value for one in done)
    if as_json:
        print_json({"items": [_fate(one) for one in done]})
    else:
        _show_fates(list(done), counts, dry_run=dry_run)
    if any(one.fate not in GOOD for one in done):
        exit_with(NO)


def _show_fates(listed: list[Replayed], counts: Counter[str], *, dry_run: bool) -> None:
    total = sum(counts.values())
    if not total:
        say("Nothing to do.")
        return
    table(
        [
            Column(name="INBOX", right=True),
            "SESSION",
            Column(name="STUDENT", right=True),
            "RESULT",
            Column(name="WHY", flex=True),
        ],
        [(i.inbox_id, i.session_id or "-", i.student_id, i.fate.value, i.reason) for i in listed],
    )
    if total > len(listed):
        say(f"... and {total - len(listed)} more")
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(counts.items()))
    say(f"{total} {'game' if total == 1 else 'games'}: {told}")
    if dry_run:
        say("This was a dry run: nothing was changed.")


def _fate(one: Replayed) -> dict[str, Any]:
    return {
        "inbox_id": one.inbox_id,
        "session_id": one.session_id,
        "student_id": one.student_id,
        "result": one.fate.value,
        "reason": one.reason,
    }


def _item(item: Any, names: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    from cli.commands.sync import item_document

    return {**item_document(item, names), "record": dict(item.payload)}


def _whole(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **_item(one["item"], one["names"]),
        "clock_shift_s": one["item"].clock_shift_s,
        "payload_hash": one["item"].payload_hash.hex(),
        "tries": [
            {
                "at": attempt.at,
                "state": str(attempt.state),
                "error": None
                if attempt.error_code is None
                else {"code": attempt.error_code, "message": attempt.error},
                "reasons": list(attempt.reasons),
                "release": attempt.release,
                "who": attempt.who,
            }
            for attempt in one["attempts"]
        ],
        "decisions": [dict(decision) for decision in one["decisions"]],
        "result": one["result"],
    }


def _show_whole(one: dict[str, Any]) -> None:
    _section(f"Game {one['item'].inbox_id}: {one['item'].state}", _about(one))
    item, result = one["item"], one["result"]
    if one["decisions"]:
        _heading("Decided")
        for decision in one["decisions"]:
            say(f"  {plain(decision['at'])}  {plain(decision['what'])} by {plain(decision['who'])}")
            say(f"    {plain(decision['reason'])}")
    if one["attempts"]:
        _heading("Tries")
        table(
            ["TRY", "BY", "ENDED", Column(name="WHY", flex=True, below=True)],
            [
                (a.at, a.who or "worker", a.state, a.error or ", ".join(a.reasons))
                for a in one["attempts"]
            ],
        )
    if result is not None:
        rows = [("gave", f"{result['xp_gained']} XP, {result['rating']}, {result['verdict']}")]
        if result["verify_reasons"]:
            rows.append(("its trace says", ", ".join(result["verify_reasons"])))
        if result["achievements"]:
            rows.append(("unlocked", ", ".join(result["achievements"])))
        say()
        _section("Result", rows)
    rows = [
        ("session", plain(item.session_id)),
        ("device", plain(item.device_id)),
        ("request id", plain(item.request_id)),
        ("release", plain(item.release)),
        ("clock moved by", f"{item.clock_shift_s:.1f} s"),
    ]
    say()
    _section("To look for it", rows)
    _heading("Record")
    for line in encode_json(dict(item.payload), indent=2).splitlines():
        say(plain(line))


def _about(one: dict[str, Any]) -> list[tuple[str, Any]]:
    from neuroplay.core.use_cases.inspect_sync import played_at

    item, record = one["item"], one["item"].payload
    nickname, class_name = one["names"].get(item.student_id, ("-", "-"))
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
        rows.append(("ended", item.processed_at))
    if item.last_error_code is not None:
        rows.append(("error", f"{item.last_error_code}: {item.last_error}"))
    if item.reasons:
        rows.append(("held because", ", ".join(item.reasons)))
    return rows


def _section(title: str, rows: list[tuple[str, Any]]) -> None:
    say(title, style={"bold": True})
    pairs(rows, indent=2)


def _heading(title: str) -> None:
    say()
    say(title, style={"bold": True})
