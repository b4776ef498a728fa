"""`neuroplay sync replay | approve | reject | dismiss`: decide on games that did not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output.errors import NO, exit_with, usage_error
from cli.output.inbox_items import game_in_words
from cli.output.terminal import (
    Json,
    Yes,
    confirm,
    counted,
    flex,
    print_json,
    print_json_line,
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

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.core.entities.inbox_filter import InboxFilter
    from neuroplay.core.entities.replayed import Replayed

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID...]", help="Session ids or inbox numbers; see: sync list."),
]
TheseIds = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Session ids or inbox numbers.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the result without changing anything.")
]


def _reason(text: str) -> str:
    """The text. Raises BadParameter if it is blank."""
    if not text.strip():
        raise typer.BadParameter("it must not be empty; say why, since it is kept with the games")
    return text


Reason = Annotated[
    str,
    typer.Option(
        "--reason", metavar="TEXT", parser=_reason, help="Reason, stored with the decision."
    ),
]

ASKED_ABOUT = 5
"""Number of games that a confirmation lists."""

SHOWN = 100
"""Number of results that are listed without --json; the rest are only counted."""


@with_options(Which)
def replay(
    ids: Ids = None,
    *,
    which: Which,
    dry_run: DryRun = False,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Apply the current rules to games that have not counted.

    Without ids or filters, replays everything failed, held, invalid or in conflict. Safe to repeat
    and to run beside workers: a game never counts twice. Exits with 1 if games remain uncounted.

    Example:
        neuroplay sync replay --state failed --since 2d --dry-run
        neuroplay sync replay 0190b0a5-0000-7000-8000-000000000001
        neuroplay sync replay --error internal --json
    """
    with system() as container:
        chosen = _chosen(container, ids, which)
        counts: Counter[str] = Counter()
        listed: list[Replayed] = []
        with progress("Replaying") as step:
            for done in container.replay_sync.replay(chosen, by=Operator(who), dry_run=dry_run):
                counts.update(one.fate.value for one in done)
                step(text=f"Replaying: {counts.total()} games")
                if as_json:
                    for one in done:
                        print_json_line(_fate(one))
                else:
                    listed += done[: max(SHOWN - len(listed), 0)]
    if not as_json:
        _show_fates(listed, counts, dry_run=dry_run)
    _exit_by(counts)


def approve(
    ids: TheseIds,
    reason: Reason,
    dry_run: DryRun = False,
    who: Acting = "",
    as_json: Json = False,
) -> None:
    """Approve held games, so that they count.

    Also approves a game in conflict whose id belongs to another child's record: it gets a new id,
    and the audit records the original one.

    Example:
        neuroplay sync approve 1234 --reason "the teacher saw it"
    """
    with system() as container:
        done = container.replay_sync.approve(
            _inbox_ids(container, ids), by=Operator(who), reason=reason, dry_run=dry_run
        )
    _end(done, as_json=as_json, dry_run=dry_run)


def reject(
    ids: TheseIds,
    reason: Reason,
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Reject held games, so that they never count.

    They are kept with the reason.

    Example:
        neuroplay sync reject 1234 --reason "a test of the tablet" --yes
    """
    with system() as container:
        wanted = _inbox_ids(container, ids)
        confirm(f"Reject {_described(container, wanted)}?", yes=yes)
        done = container.replay_sync.reject(wanted, by=Operator(who), reason=reason)
    _end(done, as_json=as_json, dry_run=False)


@with_options(Which)
def dismiss(
    reason: Reason,
    ids: Ids = None,
    *,
    which: Which,
    dry_run: DryRun = False,
    who: Acting = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Close games that will never count.

    Applies to failed, invalid, conflicting and rejected games. They are kept with the reason and
    counted separately by `sync status`; `sync replay ID` reopens one. Use approve or reject for
    held games.

    Example:
        neuroplay sync dismiss 1234 --reason "a test of the tablet"
        neuroplay sync dismiss --state invalid --device UUID --reason "somebody tried things" --yes
    """
    if not ids and which.is_everything:
        raise usage_error("no games selected", hint="Give ids, or filters such as --state invalid")
    with system() as container:
        # Selected now, so that games that arrive during the confirmation are not dismissed.
        wanted = container.replay_sync.dismissable(_chosen(container, ids, which))
        if wanted and not dry_run:
            confirm(f"Dismiss {_described(container, wanted)}?", yes=yes)
        done = container.replay_sync.dismiss(
            wanted, by=Operator(who), reason=reason, dry_run=dry_run
        )
    _end(done, as_json=as_json, dry_run=dry_run)


def _chosen(
    container: Container, ids: Sequence[str] | None, which: Which
) -> InboxFilter | Sequence[int]:
    if not ids:
        return which.resolve(container, acting=True)
    if not which.is_everything:
        raise usage_error("ids and filters cannot be combined", hint="Give one or the other")
    return _inbox_ids(container, ids)


def _inbox_ids(container: Container, refs: Sequence[str]) -> list[int]:
    """Numbers of the items that the references mean. Raises NotFound."""
    found = (container.show_sync.execute(ref) for ref in refs)
    return list(dict.fromkeys(one.item.inbox_id for items in found for one in items))


def _described(container: Container, inbox_ids: Sequence[int]) -> str:
    """Describes games for a confirmation: how many, and the first of them."""
    some = [
        game_in_words(one.item, one.names)
        for inbox_id in inbox_ids[:ASKED_ABOUT]
        for one in container.show_sync.execute(str(inbox_id))
    ]
    more = f"; and {len(inbox_ids) - ASKED_ABOUT} more" if len(inbox_ids) > ASKED_ABOUT else ""
    return f"{counted(len(inbox_ids), 'game')} ({'; '.join(some)}{more})"


def _end(done: Sequence[Replayed], *, as_json: bool, dry_run: bool) -> None:
    counts = Counter(one.fate.value for one in done)
    if as_json:
        print_json({"items": [_fate(one) for one in done]})
    else:
        _show_fates(done, counts, dry_run=dry_run)
    _exit_by(counts)


def _exit_by(counts: Counter[str]) -> None:
    """Exit with 1 if a game does not count or was not decided."""
    from neuroplay.core.entities.replayed import GOOD

    if set(counts) - {fate.value for fate in GOOD}:
        exit_with(NO)


def _show_fates(listed: Sequence[Replayed], counts: Counter[str], *, dry_run: bool) -> None:
    total = counts.total()
    if not total:
        say("Nothing to do.")
        return
    table(
        [right("INBOX"), "SESSION", right("STUDENT"), "RESULT", flex("REASON")],
        [(i.inbox_id, i.session_id or "-", i.student_id, i.fate.value, i.reason) for i in listed],
    )
    if total > len(listed):
        say(f"... and {total - len(listed)} more")
    summary = ", ".join(f"{count} {fate}" for fate, count in sorted(counts.items()))
    say(f"{counted(total, 'game')}: {summary}")
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
