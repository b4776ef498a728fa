"""`neuroplay loadtest`: named load profiles, judged."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import CANNOT, DONE, NO, CommandError, cannot, exit_with, usage_error
from cli.lazy import App
from cli.terminal import Column, Json, Yes, confirm, note, print_json, say, table
from loadprofiles.profiles import PROFILES, Profile, seconds_of, span_text

if TYPE_CHECKING:
    from neuroplay.config import Settings

app = App(help="Put a named load on a server, and judge what it did.")

MASTER_PORT = 5557
WORKERS_MAY_TAKE_S = 120


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for on the command line."""

    profile: Profile
    users: int
    spawn_rate: float
    run_time_s: float
    host: str | None
    workers: int | None
    master: bool
    expect_workers: int
    worker: bool
    master_host: str
    master_port: int
    roster: Path | None
    out: Path | None
    judge: str
    chaos: str | None
    as_json: bool


def _profile_command(profile: Profile) -> Callable[..., None]:
    def command(
        users: Annotated[
            int | None, typer.Option("--users", "-u", min=1, help="How many students.")
        ] = None,
        spawn_rate: Annotated[
            float | None,
            typer.Option("--spawn-rate", "-r", min=0.01, help="How many come a second."),
        ] = None,
        run_time: Annotated[
            str | None, typer.Option("--run-time", "-t", help="How long: 90s, 5m, 1h30m.")
        ] = None,
        host: Annotated[
            str | None,
            typer.Option("--host", metavar="URL", help="The server. Default: this machine's."),
        ] = None,
        workers: Annotated[
            int | None,
            typer.Option("--workers", min=1, help="Generator processes on this machine."),
        ] = None,
        master: Annotated[
            bool, typer.Option("--master", help="Wait for workers on other machines, and judge.")
        ] = False,
        expect_workers: Annotated[
            int, typer.Option("--expect-workers", min=1, help="How many --master waits for.")
        ] = 1,
        worker: Annotated[
            bool, typer.Option("--worker", help="Play students for a --master elsewhere.")
        ] = False,
        master_host: Annotated[
            str, typer.Option("--master-host", metavar="HOST", help="Where the master is.")
        ] = "127.0.0.1",
        master_port: Annotated[
            int, typer.Option("--master-port", min=1, max=65535, help="Its port.")
        ] = MASTER_PORT,
        roster: Annotated[
            Path | None,
            typer.Option(
                "--roster", metavar="FILE", help="Students of a distant server; see roster."
            ),
        ] = None,
        out: Annotated[
            Path | None,
            typer.Option("--out", metavar="DIR", help="Where the report goes."),
        ] = None,
        judge: Annotated[
            str,
            typer.Option("--judge", help="all; failures (and the ledger); ledger alone."),
        ] = "",
        chaos: Annotated[
            str | None,
            typer.Option(
                "--chaos", metavar="FAULT", help="kill-worker, kill-redis or restart-api meanwhile."
            ),
        ] = None,
        as_json: Json = False,
    ) -> None:
        _run(
            Order(
                profile=profile,
                users=users or profile.users,
                spawn_rate=spawn_rate or profile.spawn_rate,
                run_time_s=_seconds(run_time) if run_time else profile.run_time_s,
                host=host,
                workers=workers,
                master=master,
                expect_workers=expect_workers,
                worker=worker,
                master_host=master_host,
                master_port=master_port,
                roster=roster,
                out=out,
                judge=judge or ("ledger" if chaos else "all"),
                chaos=chaos,
                as_json=as_json,
            )
        )

    command.__doc__ = f"""{profile.about[0].upper()}{profile.about[1:]}.

    {profile.users} students, {profile.spawn_rate:g} more a second, {span_text(profile.run_time_s)}.
    Makes a load class on this machine's NeuroPlay, plays, waits until the queue is drained, looks
    every acknowledged session up, judges, and erases the class. Exit code: 0 pass, 1 fail, 3 void
    or could not run.

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
    """List the profiles.

    Example:
        neuroplay loadtest list
    """
    if as_json:
        print_json(
            {
                "profiles": [
                    {
                        "name": one.name,
                        "about": one.about,
                        "users": one.users,
                        "spawn_rate": one.spawn_rate,
                        "run_time_s": one.run_time_s,
                        "think_s": list(one.think_s),
                    }
                    for one in PROFILES.values()
                ]
            }
        )
        return
    table(
        [
            "PROFILE",
            *(Column(name=name, right=True) for name in ("STUDENTS", "A SECOND", "TIME", "THINK")),
            Column(name="WHAT", flex=True),
        ],
        [
            (
                one.name,
                one.users,
                f"{one.spawn_rate:g}",
                span_text(one.run_time_s),
                f"{one.think_s[0]:g} to {one.think_s[1]:g} s",
                one.about,
            )
            for one in PROFILES.values()
        ],
    )


@app.command()
def roster(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the cards are written.")],
    students: Annotated[
        int | None, typer.Option("--students", min=1, max=100_000, help="How many to make.")
    ] = None,
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase the class of FILE, and the file.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make a load class for a run from another machine, or erase it.

    Run it where NeuroPlay runs, take FILE to where the load comes from, and give it there as
    --roster. Whoever has FILE can sign in as these students, and as nobody else.

    Example:
        neuroplay loadtest roster load.json --students 2000
        neuroplay loadtest roster load.json --erase
    """
    from cli.files import write_private
    from cli.loading import load_class
    from cli.reach import system

    if (students is None) != erase:
        raise usage_error("say either --students N or --erase")
    if students is not None:
        if file.exists():
            raise CommandError(f"{file} is there already", hint=f"Erase its class first: {file}")
        with system() as container:
            made = load_class.make(container, students)
            try:
                write_private(file, json.dumps(made).encode())
            except BaseException:
                load_class.erase(container, made)
                raise
        if as_json:
            print_json({"file": str(file), "students": students, "classes": len(made["classes"])})
        else:
            say(f"{students} students in {len(made['classes'])} classes; their cards are in {file}")
        return
    known = load_class.read(file)
    count = sum(len(one["students"]) for one in known["classes"])
    confirm(f"Erase the load class of {file} for good, with its {count} students?", yes=yes)
    with system() as container:
        gone = load_class.erase(container, known)
    file.unlink()
    if as_json:
        print_json({"file": str(file), "erased": gone})
    else:
        say(f"The load class of {file} is erased, with {gone} students.")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="result.json of one run.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="result.json of a later run.")],
    as_json: Json = False,
) -> None:
    """Show what changed between two runs beyond their own noise.

    Ends with 1 when something became worse.

    Example:
        neuroplay loadtest compare monday/result.json today/result.json
    """
    from loadprofiles import compare as comparing

    try:
        changes = comparing.compare(_read_result(before), _read_result(after))
    except ValueError as error:
        raise CommandError(f"cannot compare {before} and {after}: {error}") from None
    if as_json:
        print_json(
            {
                "changes": [
                    {
                        "name": one.name,
                        "before": one.before,
                        "after": one.after,
                        "noise": one.noise,
                        "change": one.change,
                    }
                    for one in changes
                ]
            }
        )
    else:
        table(
            [
                "FIGURE",
                *(Column(name=name, right=True) for name in ("BEFORE", "AFTER", "NOISE")),
                "CHANGE",
            ],
            [
                (one.name, *(_short(v) for v in (one.before, one.after, one.noise)), one.change)
                for one in changes
            ],
        )
    if any(one.change == "worse" for one in changes):
        exit_with(NO)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _read_result(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
        found["timeline"], found["figures"], found["ramp_s"], found["users"], found["profile"]
    except OSError as error:
        raise cannot(f"cannot read {file}: {(error.strerror or '').lower()}") from error
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"{file} is no result.json of a load test") from None
    return dict(found)


def _seconds(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise usage_error(f"--run-time: {error}") from None


def _run(order: Order) -> None:
    from neuroplay.config import load_settings

    _check(order)
    settings = load_settings()
    out = order.out or settings.home / "loadtests" / _stamp(order.profile.name)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").unlink(missing_ok=True)
    except OSError as error:
        raise cannot(f"cannot write to {out}: {(error.strerror or '').lower()}") from error
    with _ends_in_order():
        if order.worker:
            _play_for_a_master(order, out)
            return
        result = _judged(order, settings, out)
    _tell(result, out, order.as_json)


def _check(order: Order) -> None:
    """Refuse what does not go together."""
    from loadprofiles.verdict import JUDGED

    if order.judge not in JUDGED:
        raise usage_error(
            f"--judge: there is no {order.judge!r}", hint=f"It is one of: {', '.join(JUDGED)}"
        )
    if order.master and order.worker:
        raise usage_error("a process is either --master or --worker")
    if order.workers and (order.master or order.worker):
        raise usage_error("--workers starts its own master; leave --master and --worker out")
    if order.chaos and order.roster:
        raise usage_error("--chaos breaks this machine's NeuroPlay, and --roster is for a distant")
    if order.host and not order.host.startswith(("http://", "https://")):
        raise usage_error(f"{order.host} is no URL", hint="Write it as https://HOST:PORT")


def _judged(order: Order, settings: Settings, out: Path) -> dict[str, Any]:
    from cli.loading import generator, live, load_class
    from cli.loading.chaos import Chaos
    from cli.reach import get, local_url

    host = (order.host or local_url(settings)).rstrip("/")
    get("/health/live", host=order.host)
    chaos = Chaos(order.chaos) if order.chaos else None
    with ExitStack() as stack:
        cards = order.roster.resolve() if order.roster else out / "roster.json"
        if order.roster is None:
            roster = stack.enter_context(load_class.for_a_run(order.users, cards))
            _check_that_it_is_known(host, roster)
        hear = stack.enter_context(live.shown(f"loadtest {order.profile.name}"))

        def listen(row: dict[str, Any]) -> None:
            hear(row)
            if chaos is not None:
                chaos.hear(row)

        result = generator.run(
            _arguments(order, host, cards), out, listen, ops_token=settings.ops_token
        )
        if chaos is not None:
            chaos.finish()
            if not chaos.happened:
                note(f"The run was over before {order.chaos} happened; let it run for longer.")
    if result is None:
        raise cannot("the load generator ended without a result")
    return result


def _arguments(order: Order, host: str, cards: Path) -> list[str]:
    words = ["--host", host, "--roster", str(cards), "--profile", order.profile.name]
    words += ["--users", str(order.users), "--spawn-rate", f"{order.spawn_rate:g}"]
    words += ["--run-time", f"{max(round(order.run_time_s), 1)}s", "--judge", order.judge]
    if order.chaos:
        words += ["--chaos", order.chaos]
    if order.workers:
        words += ["--processes", str(order.workers), "--master-bind-port", str(_free_port())]
        words += ["--master-bind-host", "127.0.0.1"]
    if order.master:
        words += ["--master", "--expect-workers", str(order.expect_workers)]
        words += ["--expect-workers-max-wait", str(WORKERS_MAY_TAKE_S)]
        words += ["--master-bind-port", str(order.master_port)]
    return words


def _play_for_a_master(order: Order, out: Path) -> None:
    from cli.loading import generator

    note(f"Playing for {order.master_host}:{order.master_port} until its run ends.")
    generator.run(
        ["--worker", "--master-host", order.master_host, "--master-port", str(order.master_port)],
        out,
        lambda _: None,
    )
    note("The master has ended the run.")


def _check_that_it_is_known(host: str, roster: dict[str, Any]) -> None:
    """Refuse to load a server that does not know the class that was made here."""
    import ssl
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener
    from uuid import uuid4

    made = roster["classes"][0]
    card = {
        "class_code": made["class"]["code"],
        "card_code": made["students"][0]["card_code"],
        "device_id": str(uuid4()),
    }
    trusting = ssl._create_unverified_context()  # noqa: S323 - as the students' clients
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trusting))
    request = Request(  # noqa: S310 - http(s), see _check
        f"{host}/api/v1/sign-in",
        data=json.dumps(card).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        opener.open(request, timeout=10).close()
    except HTTPError as error:
        raise cannot(
            f"{host} does not know the load class that was made here (HTTP {error.code})",
            hint="Make one there, and give it here with --roster: neuroplay loadtest roster --help",
        ) from None
    except (URLError, OSError) as error:
        raise cannot(f"no answer from {host}: {error}") from None


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stamp(profile: str) -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{profile}"


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """A request to end, by a service manager say, is as Ctrl-C: the load class goes too."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(result: dict[str, Any], out: Path, as_json: bool) -> None:
    from loadprofiles.report import EXIT_CODES, summary

    if as_json:
        print_json({key: value for key, value in result.items() if key != "timeline"})
    else:
        say(summary(result))
        say()
        say(f"Report: {out / 'report.html'}")
    code = EXIT_CODES[result["verdict"]]
    assert code in (DONE, NO, CANNOT)  # noqa: S101 - the documented codes
    if code:
        exit_with(code)
