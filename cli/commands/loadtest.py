"""`neuroplay loadtest`: run, compare and prepare load tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.loading.order import MOST_STUDENTS, Order
from cli.output.errors import NO, CommandError, cannot, exit_with, reason, usage_error
from cli.output.terminal import (
    Json,
    Yes,
    answer,
    confirm,
    counted,
    flex,
    listing,
    print_json,
    right,
    say,
)
from cli.parsing.lazy import App
from cli.parsing.options import with_options
from loadprofiles.profiles import PROFILES, Profile, span_text
from neuroplay.core.rules.nesting import read_json
from neuroplay.whole_files import read_whole

app = App(help="Run a load test.")


def _profile_command(profile: Profile) -> Callable[..., None]:
    @with_options(Order, profile=profile)
    def command(*, order: Order, as_json: Json = False) -> None:
        _run(order, as_json=as_json)

    command.__doc__ = f"""{profile.about[0].upper()}{profile.about[1:]}.

    {profile.users} students, {profile.spawn_rate:g} per second, {span_text(profile.run_time_s)}.
    Measures the machine's speed, creates a load class on this machine's NeuroPlay, plays, waits
    until the queue is empty, looks up every acknowledged session, judges, and erases the class.
    Exits with 0 for pass, 1 for fail or if the machine is too slow for the profile, 3 if the run is
    void or could not start.

    Example:
        neuroplay loadtest {profile.name}
        neuroplay loadtest {profile.name} --users 50 --run-time 1m --workers 2
        neuroplay loadtest {profile.name} --host https://play.school.example --roster load.json
    """
    return command


for _profile in PROFILES.values():
    app.command(_profile.name)(_profile_command(_profile))


@app.command("list")
def list_profiles(as_json: Json = False) -> None:
    """List the load profiles.

    Example:
        neuroplay loadtest list
    """
    names = ("name", "about", "users", "spawn_rate", "run_time_s", "think_s")
    listing(
        "profiles",
        [{name: getattr(one, name) for name in names} for one in PROFILES.values()],
        [
            ("PROFILE", "name"),
            (right("STUDENTS"), "users"),
            (right("PER SECOND"), "spawn_rate"),
            (right("TIME"), lambda row: span_text(row["run_time_s"])),
            (right("THINK"), lambda row: "{:g} to {:g} s".format(*row["think_s"])),
            (flex("PURPOSE"), "about"),
        ],
        empty="",
        as_json=as_json,
    )


@app.command()
def roster(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File for the cards.")],
    students: Annotated[
        int | None,
        typer.Option("--students", min=1, max=MOST_STUDENTS, help="Number of students to create."),
    ] = None,
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase the class in FILE and delete the file.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Create or erase a load class for a test from another machine.

    Run this where NeuroPlay runs, copy FILE to the machine that generates the load, and pass it
    there as --roster. Whoever has FILE can sign in as these students, but as nobody else.

    Example:
        neuroplay loadtest roster load.json --students 2000
        neuroplay loadtest roster load.json --erase
    """
    from cli.files.written import write_private
    from cli.loading import load_class
    from cli.server.reach import system

    if (students is None) != erase:
        raise usage_error("give either --students N or --erase")
    if students is not None:
        if file.exists():
            raise CommandError(
                f"{file} already exists",
                hint=f"Erase its class first: neuroplay loadtest roster {file} --erase",
            )
        with system() as container:
            made = load_class.make(container, students)
            try:
                write_private(file, json.dumps(made).encode())
            except BaseException:
                load_class.erase(container, made)
                raise
        count = len(made["classes"])
        in_classes = "1 class" if count == 1 else f"{count} classes"
        answer(
            {"file": str(file), "students": students, "classes": count},
            f"{counted(students, 'student')} in {in_classes}; their cards are in {file}",
            as_json=as_json,
        )
        return
    known = load_class.read(file)
    count = sum(len(one["students"]) for one in known["classes"])
    confirm(
        f"Permanently erase the load class in {file} with its {counted(count, 'student')}?",
        yes=yes,
    )
    with system() as container:
        gone = load_class.erase(container, known)
    file.unlink()
    answer(
        {"file": str(file), "erased": gone},
        f"Erased the load class in {file} with {counted(gone, 'student')}.",
        as_json=as_json,
    )


@app.command()
def compare(
    before: Annotated[
        Path, typer.Argument(metavar="A.json", help="result.json of one run, or its folder.")
    ],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="The same for a later run.")],
    as_json: Json = False,
) -> None:
    """Compare two runs.

    Shows the changes that exceed the runs' own noise. Exits with 1 if something became worse.

    Example:
        neuroplay loadtest compare monday/result.json today/result.json
    """
    from loadprofiles.judge import compare as comparing

    first, second = _read_result(before), _read_result(after)
    try:
        changes = comparing.compare(first, second)
    except ValueError as error:
        raise CommandError(f"cannot compare {before} and {after}: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise CommandError(
            f"cannot compare {before} and {after}: one is not a result.json of a load test"
        ) from None
    listing(
        "changes",
        [asdict(one) for one in changes],
        [
            ("FIGURE", "name"),
            (right("BEFORE"), lambda row: _short(row["before"])),
            (right("AFTER"), lambda row: _short(row["after"])),
            (right("NOISE"), lambda row: _short(row["noise"])),
            ("CHANGE", "change"),
        ],
        empty="",
        as_json=as_json,
    )
    if any(one.change == "worse" for one in changes):
        exit_with(NO)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _read_result(file: Path) -> dict[str, Any]:
    if file.is_dir():
        file = file / "result.json"
    try:
        found = read_json(read_whole(file))
        known = {**found, "users": found["users"], "profile": found["profile"]}
    except OSError as error:
        raise cannot(f"cannot read {file}: {reason(error)}") from error
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"{file} is not a result.json of a load test") from None
    if "timeline" not in known:
        raise CommandError(
            f"{file} has no timeline to estimate noise from", hint="Use the result.json in --out"
        )
    return known


def _run(order: Order, *, as_json: bool) -> None:
    from cli.loading import run
    from neuroplay.operation.running import settings_here

    settings = settings_here()
    out = (order.out or settings.home / "loadtests" / _stamp(order.profile.name)).resolve()
    with run.ends_in_order():
        if order.worker:
            run.play_for_a_master(order, out)
            return
        result = run.judged(order, settings, out)
    _tell(result, out, as_json=as_json)


def _stamp(profile: str) -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{profile}"


def _tell(result: dict[str, Any], out: Path, *, as_json: bool) -> None:
    from loadprofiles.report.words import EXIT_CODES, summary

    if as_json:
        print_json({key: value for key, value in result.items() if key != "timeline"})
    else:
        say(summary(result))
        say()
        say(f"Report: {out / 'report.html'}")
    if code := EXIT_CODES[result["verdict"]]:
        exit_with(code)
