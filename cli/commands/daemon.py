"""`neuroplay status | stop | restart | logs`: the running system."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output.errors import NO, CommandError, cannot, exit_with, usage_error
from cli.output.terminal import (
    Json,
    answer,
    duration,
    note,
    print_json,
    print_json_line,
    right,
    say,
    table,
)
from neuroplay.disk import why_full
from neuroplay.operation.place import LOGGED, PROGRAMS, Place, find

if TYPE_CHECKING:
    from neuroplay.operation.daemon import ProcessState

WELL_PATIENCE_S = 60.0
TELL_AFTER_S = 3.0
"""After this time it prints what it is waiting for."""

NEEDS_A_COMMAND = "run: neuroplay "
"""In the words of a check that does not become healthy by waiting."""

POLL_S = 0.05
HEALTH_TIMEOUT_S = 2.0

Process = Annotated[
    str | None,
    typer.Argument(metavar="[PROCESS]", help=f"One of {', '.join(PROGRAMS)}. Default: all."),
]


def status(as_json: Json = False) -> None:
    """Show the state of all processes.

    Exits with 1 unless all of NeuroPlay is running. It also says if the API is saturated: more
    requests arrive than it can answer, so that it refuses some.

    Example:
        neuroplay status
        neuroplay status --json
    """
    from neuroplay.operation import daemon

    place = find()
    processes: list[ProcessState] = []
    silent: daemon.SupervisorSilent | None = None
    try:
        processes = daemon.processes(place)
    except daemon.SupervisorSilent as error:
        silent = error
    holder = None if processes else place.holder()
    well = bool(processes) and all(process.state == "RUNNING" for process in processes)
    saturated = _is_saturated(processes)
    if as_json:
        print_json({**_document(place, processes), "saturated": saturated})
    elif silent and holder is not None:
        say(f"NeuroPlay (pid {holder}): {silent.message} (home: {place.home})")
        note(silent.hint)
    elif not processes:
        _say_why_nothing_runs(place, holder)
    else:
        say(f"{place.url()}  {place.home}{_by_whom(place)}")
        rows = [[p.name, p.state, p.pid, duration(p.uptime_s)] for p in processes]
        table(["NAME", "STATE", right("PID"), right("UP")], rows)
        for process in processes:
            if process.reason:
                note(f"{process.name}: {process.reason}. See: neuroplay logs {_log_of(process)}")
        if saturated:
            note(
                "Warning: more requests arrive than the API can answer, and it refuses some. See: "
                "neuroplay metrics --watch"
            )
    if full := why_full(place.home):
        note(f"Warning: {full}")
    if not well:
        exit_with(NO)


def _is_saturated(processes: Sequence[ProcessState]) -> bool:
    """As the API of this host says; an API that does not answer at once says nothing."""
    from cli.commands import health

    if not any(one.name == "api" and one.state == "RUNNING" for one in processes):
        return False
    try:
        return bool(health.ask(timeout_s=HEALTH_TIMEOUT_S)["status"] == "saturated")
    except CommandError:
        return False


def _log_of(process: ProcessState) -> str:
    """The log that tells more of a process's reason. Of one that runs, the reason is why the
    supervisor restarted it."""
    runs = process.pid is not None and process.state != "DEAF"
    return "supervisor" if runs else process.name


def _by_whom(place: Place) -> str:
    from neuroplay.users import user_name

    owner = place.owner()
    return f"  (runs as {owner})" if owner and owner != user_name(os.geteuid()) else ""


def _say_why_nothing_runs(place: Place, holder: int | None) -> None:
    if holder is None:
        say(f"NeuroPlay is not running (home: {place.home})")
        note("Start it: neuroplay serve")
    else:
        say(f"NeuroPlay (pid {holder}) is starting or stopping (home: {place.home})")


def _document(place: Place, processes: list[ProcessState]) -> dict[str, Any]:
    return {
        "url": place.url(),
        "home": str(place.home),
        "processes": [
            {"name": p.name, "state": p.state, "pid": p.pid, "uptime_s": p.uptime_s}
            | ({"reason": p.reason} if p.reason else {})
            for p in processes
        ],
    }


def stop(as_json: Json = False) -> None:
    """Stop NeuroPlay.

    Stops the API and the workers, then Redis and PostgreSQL, and waits for them. Requests and
    tasks may finish; processes that take too long are killed. No data is lost. It is not an error
    if NeuroPlay is not running.

    Example:
        neuroplay stop
    """
    from neuroplay.operation import daemon

    place = find()
    pid = place.holder()
    begun = time.monotonic()
    forced = pid is not None and daemon.stop(place, pid)
    took = round(time.monotonic() - begun, 2)
    text = f"NeuroPlay is not running (home: {place.home})"
    if pid is not None:
        text = f"Stopped in {took:.1f} s" + (", some processes were killed" if forced else "")
    document = {"was_running": pid is not None, "forced": forced, "seconds": took}
    answer(document, text, as_json=as_json)


def restart(process: Process = None, as_json: Json = False) -> None:
    """Restart all processes or one.

    Waits until NeuroPlay is healthy again. Exits with 1 if that takes too long.

    Example:
        neuroplay restart
        neuroplay restart api
    """
    from neuroplay.operation import daemon

    place = find()
    running = daemon.processes(place)
    if not running:
        raise cannot(f"NeuroPlay is not running (home: {place.home})", hint="Run: neuroplay serve")
    known = [p.name for p in running]
    _check_beat(process, known)
    _check_name(process, known)
    names = known if process is None else [process]
    daemon.restart(place, names)
    began = time.monotonic()
    poor = _wait_well(known) if set(names) - {"beat"} else ""
    if as_json:
        print_json(_document(place, daemon.processes(place)))
    else:
        say(f"Restarted: {', '.join(names)}")
    for renewed in place.renewed():
        note(
            f"{renewed} was renewed, but NeuroPlay still uses a copy of the old one, since only "
            "root can read it. Run: neuroplay stop, then neuroplay serve as before"
        )
    if poor:
        see = "" if NEEDS_A_COMMAND in poor else ". See: neuroplay logs"
        note(f"Not healthy after {time.monotonic() - began:.0f} s: {poor}{see}")
        exit_with(NO)


def _wait_well(known: Sequence[str]) -> str:
    """Wait until /health reports that all is well, at most WELL_PATIENCE_S seconds; returns what is
    not, or an empty string. Returns at once if no API runs here, or if a check names the
    command that it needs."""
    from cli.commands.health import WELL, ask, poor_checks

    if "api" not in known:
        return ""
    deadline = time.monotonic() + WELL_PATIENCE_S
    announce_at = time.monotonic() + TELL_AFTER_S
    while True:
        try:
            answer = ask()
            poor = poor_checks(answer)
            if answer["status"] in WELL:
                return ""
            if NEEDS_A_COMMAND in poor:
                return poor
        except CommandError as error:
            poor = error.message
        if time.monotonic() > deadline:
            return poor
        if time.monotonic() > announce_at:
            announce_at = deadline
            note(f"Waiting: {poor}")
        time.sleep(POLL_S)


def logs(
    process: Process = None,
    following: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing new lines until Ctrl-C.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=100_000, help="Number of lines per log.")
    ] = 50,
    grep: Annotated[
        str | None,
        typer.Option(
            "--grep", metavar="PATTERN", help="Only lines that match this regular expression."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or follow logs.

    The log `supervisor` records which processes were started, stopped and restarted. Logs are in
    NEUROPLAY_HOME/logs, rotated at 10 MB. --grep also searches rotated logs and exits with 1 if
    nothing matches. With --json each line is {"process", "line"}.

    Example:
        neuroplay logs
        neuroplay logs api -n 200
        neuroplay logs -f worker
        neuroplay logs --grep 01930d2e-7a40-7c3b-9d61-0f6b8e2c4a10
        neuroplay logs -f api --grep '"status": 5..'
    """
    from neuroplay.operation.logs import follow, last_lines

    pattern = _pattern(grep)

    place = find()
    known = [n for n in LOGGED if (place.logs / f"{n}.log").exists()]
    _check_name(process, LOGGED)
    _check_beat(process, known)
    names = known if process is None else [process]
    if not known or (process is not None and process not in known and not following):
        raise CommandError(
            f"there is no log for {process or 'NeuroPlay'} in {place.logs}",
            hint="Run: neuroplay serve",
        )
    paths = [(name, place.logs / f"{name}.log") for name in names]
    width = max(map(len, names))

    def show(name: str, line: str) -> None:
        if as_json:
            print_json_line({"process": name, "line": line})
        else:
            say(line if len(names) == 1 else f"{name.ljust(width)}  {line}")

    found = last_lines(paths, lines, pattern)
    for entry in found:
        show(*entry)
    if pattern is not None and lines and not found and not following:
        note(f"Nothing in {place.logs} matches {grep}")
        exit_with(NO)
    if following:
        for name, line in follow(paths):
            if pattern is None or pattern.search(line):
                show(name, line)
                sys.stdout.flush()


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise usage_error(
            f"{text} is not a regular expression: {error}",
            hint="Put a \\ before special characters such as [ or (",
        ) from None


def _check_name(process: str | None, known: Sequence[str]) -> None:
    if process is not None and process not in known:
        raise usage_error(
            f"there is no process {process}", hint=f"Choose one of: {', '.join(known)}"
        )


def _check_beat(process: str | None, known: Sequence[str]) -> None:
    """Say where beat is to whoever asks for it where the worker is `known`, but no beat."""
    if process == "beat" and "beat" not in known and "worker" in known:
        raise usage_error(
            "beat is no process of its own here",
            hint="It is part of the worker, or runs on another machine (serve --only beat)",
        )
