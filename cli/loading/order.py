"""The options of a load test, and checks that they can be combined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from cli.output.errors import usage_error
from cli.server.trust import CaCert
from loadprofiles.profiles import CALIBRATION_S, Profile, seconds_of

MASTER_HOST, MASTER_PORT = "127.0.0.1", 5557
WORKERS_MAY_TAKE_S = 120
MOST_STUDENTS = 100_000


@dataclass(frozen=True, kw_only=True)
class Order:
    """The options of a run; None if not given.

    Raises CommandError with exit code 2 if they are invalid or conflict.
    """

    profile: Profile
    users: Annotated[
        int | None,
        Option("--users", "-u", min=1, max=MOST_STUDENTS, help="Number of students."),
    ] = None
    spawn_rate: Annotated[
        float | None,
        Option("--spawn-rate", "-r", min=0.01, help="Students started per second."),
    ] = None
    run_time: Annotated[
        str | None, Option("--run-time", "-t", help="Duration, such as 90s, 5m or 1h30m.")
    ] = None
    host: Annotated[
        str | None,
        Option("--host", metavar="URL", help="Server to test. Default: this machine's."),
    ] = None
    cacert: CaCert = None
    workers: Annotated[
        int | None,
        Option("--workers", min=1, help="Number of generator processes on this machine."),
    ] = None
    master: Annotated[
        bool, Option("--master", help="Wait for workers on other machines, and judge.")
    ] = False
    expect_workers: Annotated[
        int | None,
        Option("--expect-workers", min=1, help="Number of workers --master waits for [1]."),
    ] = None
    worker: Annotated[
        bool, Option("--worker", help="Play students for a --master on another machine.")
    ] = False
    master_host: Annotated[
        str | None,
        Option("--master-host", metavar="HOST", help=f"Address of the master [{MASTER_HOST}]."),
    ] = None
    master_port: Annotated[
        int | None,
        Option("--master-port", min=1, max=65535, help=f"Port of the master [{MASTER_PORT}]."),
    ] = None
    roster: Annotated[
        Path | None,
        Option("--roster", metavar="FILE", help="Students on a remote server; see roster."),
    ] = None
    out: Annotated[Path | None, Option("--out", metavar="DIR", help="Folder for the report.")] = (
        None
    )
    judge: Annotated[
        str | None,
        Option("--judge", metavar="WHAT", help="all, failures (with the ledger) or ledger."),
    ] = None
    calibrate: Annotated[
        float,
        Option(
            "--calibrate",
            min=0,
            max=60,
            metavar="SECONDS",
            help="Measure the machine's speed first; 0: do not.",
        ),
    ] = CALIBRATION_S
    chaos: Annotated[
        str | None,
        Option(
            "--chaos",
            metavar="FAULT",
            help="Break something: kill-worker, kill-redis, restart-api.",
        ),
    ] = None

    def __post_init__(self) -> None:
        _refuse_words(self)
        _refuse_roles(self)
        _refuse_times(self)

    @property
    def students(self) -> int:
        return self.users or self.profile.users

    @property
    def students_a_second(self) -> float:
        return self.spawn_rate or self.profile.spawn_rate

    @property
    def run_time_s(self) -> float:
        if self.run_time is None:
            return self.profile.run_time_s
        try:
            return seconds_of(self.run_time)
        except ValueError as error:
            raise usage_error(f"--run-time: {error}") from None

    @property
    def judged_by(self) -> str:
        """With --chaos only the ledger by default, since requests may be slow and fail then."""
        return self.judge or ("ledger" if self.chaos else "all")

    def for_locust(self, host: str, cards: Path, *, free_port: int) -> list[str]:
        """Locust's arguments for the judging process; its local workers connect on `free_port`."""
        words = ["--host", host, "--roster", str(cards), "--profile", self.profile.name]
        words += ["--users", str(self.students), "--spawn-rate", f"{self.students_a_second:g}"]
        words += ["--run-time", f"{max(round(self.run_time_s), 1)}s", "--judge", self.judged_by]
        words += ["--calibrate", f"{self.calibrate:g}"]
        if self.chaos:
            words += ["--chaos", self.chaos]
        if self.workers:
            words += ["--processes", str(self.workers), "--master-bind-host", "127.0.0.1"]
            words += ["--master-bind-port", str(free_port), "--master-port", str(free_port)]
        if self.master:
            words += ["--master", "--expect-workers", str(self.expect_workers or 1)]
            words += ["--expect-workers-max-wait", str(WORKERS_MAY_TAKE_S)]
            words += ["--master-bind-port", str(self.master_port or MASTER_PORT)]
        return words

    def for_a_worker(self) -> list[str]:
        """Locust's arguments for a --worker."""
        host, port = self.master_host or MASTER_HOST, self.master_port or MASTER_PORT
        words = ["--worker", "--master-host", host, "--master-port", str(port)]
        return words if self.cacert is None else [*words, "--cacert", str(self.cacert.resolve())]


def _refuse_words(order: Order) -> None:
    from cli.loading.chaos import FAULTS
    from cli.server.reach import check_url
    from loadprofiles.judge.verdict import JUDGED

    _one_of("--judge", order.judge, JUDGED)
    _one_of("--chaos", order.chaos, FAULTS)
    if order.host:
        check_url(order.host)


def _refuse_roles(order: Order) -> None:
    if order.master and order.worker:
        raise usage_error("--master and --worker cannot be combined")
    if order.workers and (order.master or order.worker):
        raise usage_error("--workers starts its own master; omit --master and --worker")
    if order.expect_workers and not order.master:
        raise usage_error("--expect-workers needs --master", hint="Did you mean --workers?")
    if order.master_host and not order.worker:
        raise usage_error("--master-host needs --worker")
    if order.master_port and not (order.master or order.worker):
        raise usage_error("--master-port needs --master or --worker")
    if order.chaos and order.roster:
        raise usage_error(
            "--chaos needs this machine's NeuroPlay, but --roster is for a remote one"
        )
    names = ("users", "spawn_rate", "run_time", "host", "roster", "judge", "chaos")
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(order, name) is not None]
    if order.worker and given:
        raise usage_error(f"the master decides what a --worker plays; omit {', '.join(given)}")


def _refuse_times(order: Order) -> None:
    """Refuse a run that would end before its steady time."""
    arrives = order.students / order.students_a_second
    counts = arrives + (order.profile.comes_back_within_s or 0.0)
    if order.run_time_s > counts or order.worker:
        return
    raise usage_error(
        f"the run takes {order.run_time_s:g} s, but figures are only taken after {counts:g} s, "
        f"when all {order.students} students are there",
        hint="Use a longer --run-time, a higher --spawn-rate or fewer --users",
    )


def _one_of(option: str, word: str | None, known: Iterable[str]) -> None:
    if word is not None and word not in known:
        raise usage_error(
            f"{option}: unknown value {word!r}", hint=f"Choose one of: {', '.join(known)}"
        )
